import type { InboxWorkshop } from '../../core/inbox/inbox';
import type { InboxPage } from '../../core/inbox/list-notices';
import { toPersianDigits } from '../../core/text/normalise';
import { Layout } from '../frame/layout';
import type { Session } from '../frame/session';
import type { Addresses } from './actions-menu';
import { Filters } from './filters';
import { isFiltered, type ListForm, type ListRequest, listAddress } from './list-query';
import { NoticeTable } from './notice-table';
import { WithoutAgreement } from './without-agreement';

interface ListPageProps {
  session: Session;
  request: ListRequest;
  page: InboxPage;
  unviewed: number;
  workshops: InboxWorkshop[];
  addresses: Addresses;
  reveal(cipher: Buffer): string;
}

export function ListPage({ session, request, page, unviewed, workshops, addresses, reveal }: ListPageProps) {
  const { form } = request;
  return (
    <Layout
      title={unviewed ? `(${toPersianDigits(unviewed)}) صندوق مکاتبات` : 'صندوق مکاتبات'}
      session={session}
      current="inbox"
      wide
    >
      <div class="page-head">
        <h1 id="list-title">مکاتبات انجام شده توسط سازمان</h1>
        {unviewed > 0 && <p>{toPersianDigits(unviewed)} مکاتبه مشاهده نشده</p>}
        {!unviewed && page.rows.length > 0 && <p>همه مکاتبات مشاهده شده است</p>}
      </div>
      <WithoutAgreement workshops={workshops} />
      <Filters request={request} workshops={workshops} />
      {page.rows.length > 0 ? (
        <NoticeTable rows={page.rows} nationalId={session.nationalId} addresses={addresses} reveal={reveal} />
      ) : (
        <Nothing form={form} />
      )}
      <Paging form={form} page={page} />
    </Layout>
  );
}

const Nothing = ({ form }: { form: ListForm }) => (
  <div class="card empty">
    {isFiltered(form) ? (
      <p>
        با این جستجو مکاتبه‌ای یافت نشد. <a href="/inbox">همه مکاتبات</a>
      </p>
    ) : (
      <p>هنوز مکاتبه‌ای برای شما ثبت نشده است.</p>
    )}
  </div>
);

function Paging({ form, page: { newer, older } }: { form: ListForm; page: InboxPage }) {
  if (!newer && !older) return null;
  return (
    <nav class="pages" aria-label="صفحه‌های فهرست">
      {newer && (
        <a class="button quiet" rel="prev" href={listAddress(form, { before: newer })}>
          جدیدترها
        </a>
      )}
      {older && (
        <a class="button quiet" rel="next" href={listAddress(form, { after: older })}>
          قدیمی‌ترها
        </a>
      )}
    </nav>
  );
}
