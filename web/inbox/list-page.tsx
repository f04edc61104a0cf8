import type { InboxWorkshop } from '../../core/inbox/inbox';
import type { InboxPage } from '../../core/inbox/list-notices';
import { toPersianDigits } from '../../core/text/normalise';
import { Layout } from '../ui/layout';
import type { Session } from '../ui/session';
import type { ExternalUrls } from './actions-menu';
import { Filters } from './filters';
import { isFiltered, type ListForm, type ListRequest, listUrl } from './list-query';
import { NoticeTable } from './notice-table';
import { WithoutAgreement } from './without-agreement';

interface ListPageProps {
  session: Session;
  request: ListRequest;
  page: InboxPage;
  unviewedCount: number;
  workshops: InboxWorkshop[];
  externalUrls: ExternalUrls;
  decryptPasscode(cipher: Buffer): string;
}

export function ListPage({
  session,
  request,
  page,
  unviewedCount,
  workshops,
  externalUrls,
  decryptPasscode,
}: ListPageProps) {
  const { form } = request;
  return (
    <Layout
      title={unviewedCount ? `(${toPersianDigits(unviewedCount)}) صندوق مکاتبات` : 'صندوق مکاتبات'}
      session={session}
      current="inbox"
      wide
    >
      <div class="page-head">
        <h1 id="list-title">مکاتبات انجام شده توسط سازمان</h1>
        {unviewedCount > 0 && <p>{toPersianDigits(unviewedCount)} مکاتبه مشاهده نشده</p>}
        {!unviewedCount && page.rows.length > 0 && <p>همه مکاتبات مشاهده شده است</p>}
      </div>
      <WithoutAgreement workshops={workshops} />
      <Filters request={request} workshops={workshops} />
      {page.rows.length > 0 ? (
        <NoticeTable
          rows={page.rows}
          nationalId={session.nationalId}
          externalUrls={externalUrls}
          decryptPasscode={decryptPasscode}
        />
      ) : (
        <EmptyList form={form} />
      )}
      <Pagination form={form} page={page} />
    </Layout>
  );
}

const EmptyList = ({ form }: { form: ListForm }) => (
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

function Pagination({ form, page: { newer, older } }: { form: ListForm; page: InboxPage }) {
  if (!newer && !older) return null;
  return (
    <nav class="pages" aria-label="صفحه‌های فهرست">
      {newer && (
        <a class="button quiet" rel="prev" href={listUrl(form, { before: newer })}>
          جدیدترها
        </a>
      )}
      {older && (
        <a class="button quiet" rel="next" href={listUrl(form, { after: older })}>
          قدیمی‌ترها
        </a>
      )}
    </nav>
  );
}
