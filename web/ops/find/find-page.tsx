import type { FoundNotice, FoundPage } from '../../../core/operator-console/find-notices';
import { maskNationalId } from '../../../core/operator-console/masking';
import { toPersianDigits } from '../../../core/text/normalise';
import { CardTable } from '../../ui/card-table';
import { Button } from '../../ui/content';
import { Field, PostForm } from '../../ui/forms';
import { Ltr, When } from '../../ui/text';
import { AlertStateBadge } from '../labels/alert-labels';
import { CHANNEL_LABELS } from '../labels/domain-labels';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';

interface FindPageProps {
  operator: SignedInOperator;
  /** The search text as it was typed. */
  query?: string;
  found?: FoundPage;
  error?: string;
}

/** The search form and its results. The search text may be personal data, so a POST form carries it, never a URL. */
export const FindPage = ({ operator, query = '', found, error }: FindPageProps) => (
  <OpsLayout title="جستجو" operator={operator} current="find">
    <div class="page-head">
      <h1 id="find-title">جستجوی مکاتبه</h1>
      <p>
        با شماره پیگیری، شماره مرجع سامانه مبدأ، کد ملی یا شناسه ملی، موبایل، ایمیل، شناسه پیام نزد ارائه‌دهنده
        یا شناسه مکاتبه؛ با رقم‌های فارسی یا لاتین.
      </p>
    </div>
    <search class="finder">
      <PostForm action="/ops/find" session={operator} class="filters">
        <Field
          name="q"
          type="search"
          label="چه چیزی را می‌جویید؟"
          value={query}
          error={error}
          maxLength={300}
          autocomplete="off"
          autofocus
          required
        />
        <Button>جستجو</Button>
      </PostForm>
    </search>
    {found && <Found operator={operator} query={query} found={found} />}
  </OpsLayout>
);

function Found({ operator, query, found }: Required<Pick<FindPageProps, 'operator' | 'query' | 'found'>>) {
  if (found.rows.length === 0) {
    return (
      <div class="card empty" role="status">
        <p>چیزی با این مشخصه یافت نشد.</p>
      </div>
    );
  }
  return (
    <>
      <CardTable
        labelledBy="find-title"
        columns={['شماره پیگیری', 'سیستم', 'تاریخ ثبت', 'کد ملی', 'هشدارها']}
        rows={found.rows.map((row) => ({ key: row.id, cells: cellsOf(row) }))}
      />
      {found.older && (
        <PostForm action="/ops/find" session={operator} class="pages">
          <input type="hidden" name="q" value={query} />
          <input type="hidden" name="after" value={found.older} />
          <Button kind="quiet">قدیمی‌ترها</Button>
        </PostForm>
      )}
    </>
  );
}

const cellsOf = (row: FoundNotice) => [
  <a key={0} href={`/ops/notices/${row.id}`}>
    <Ltr>{toPersianDigits(row.trackingNumber)}</Ltr>
  </a>,
  row.sourceTitle,
  <When key={2} at={row.registeredAt} time />,
  <Ltr key={3}>{toPersianDigits(maskNationalId(row.nationalId))}</Ltr>,
  <span key={4}>
    {row.alerts.map(({ channel, state }, i) => (
      <span key={i}>
        {i > 0 && '، '}
        {CHANNEL_LABELS[channel]} <AlertStateBadge state={state} />
      </span>
    ))}
    {row.alerts.length === 0 && <span class="none">هشداری ندارد</span>}
  </span>,
];
