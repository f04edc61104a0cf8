import type { ComponentChildren } from 'preact';
import type { OperatorNoticeView, PermitView } from '../../../core/operator-console/operator-notice-view';
import type { AuditEntry } from '../../../core/operators/audit';
import { localMobile } from '../../../core/text/identifiers';
import { toPersianDigits } from '../../../core/text/normalise';
import { ButtonLink, DescriptionList, MessageBox } from '../../ui/content';
import { Ltr, When } from '../../ui/text';
import { OutcomeBox } from '../actions/outcome-box';
import { ACTION_LABELS, AUDIT_OUTCOME_LABELS } from '../labels/audit-labels';
import { LANE_LABELS } from '../labels/domain-labels';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import { AlertCard } from './alert-card';
import { Timeline } from './timeline';

interface OperatorNoticePageProps {
  operator: SignedInOperator;
  notice: OperatorNoticeView;
  /** Whether the personal data is readable. */
  unmasked?: boolean;
  outcome?: AuditEntry | null;
}

/** Everything about one notice. Tracking number and reference are readable; personal data is masked until it is revealed. */
export const OperatorNoticePage = ({
  operator,
  notice,
  unmasked = false,
  outcome = null,
}: OperatorNoticePageProps) => (
  <OpsLayout title={`مکاتبه ${toPersianDigits(notice.trackingNumber)}`} operator={operator} current="find">
    <OutcomeBox entry={outcome} />
    <div class="page-head">
      <h1>
        مکاتبه <Ltr>{toPersianDigits(notice.trackingNumber)}</Ltr>
      </h1>
      <p>{notice.sourceTitle}</p>
    </div>
    <div class="stack">
      <NoticeFacts notice={notice} operator={operator} unmasked={unmasked} />
      <section class="stack" aria-label="هشدارها">
        <h2>هشدارها</h2>
        {notice.alerts.length === 0 && <p class="none">این مکاتبه هشداری ندارد.</p>}
        {notice.alerts.map((alert) => (
          <AlertCard key={alert.id} alert={alert} operator={operator} />
        ))}
      </section>
      <Section title="رویدادها">
        <Timeline events={notice.timeline} />
      </Section>
      <Section title="مجوزها و استعلام‌ها">
        <Permits permits={notice.permits} />
      </Section>
      <Section title="کارهای راهبران درباره این مکاتبه">
        <AuditRecords records={notice.auditEntries} />
      </Section>
    </div>
  </OpsLayout>
);

const Section = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section class="card" aria-label={title}>
    <h2>{title}</h2>
    {children}
  </section>
);

const persianDigits = (text: string | null) => text && <Ltr>{toPersianDigits(text)}</Ltr>;

function NoticeFacts({ notice, operator, unmasked }: Required<Omit<OperatorNoticePageProps, 'outcome'>>) {
  const { recipient } = notice;
  return (
    <Section title="مشخصات">
      {unmasked && (
        <MessageBox tone="caution">
          <p>
            داده شخصی یک بار آشکار شد و این در کارنامه ماند. با بستن یا تازه کردن صفحه دوباره پنهان می‌شود.
          </p>
        </MessageBox>
      )}
      <DescriptionList
        entries={[
          ['شماره مرجع', <Ltr key="reference">{notice.reference}</Ltr>],
          ['گونه', notice.kind && <Ltr key="kind">{notice.kind}</Ltr>],
          ['اولویت', LANE_LABELS[notice.priority]],
          ['پذیرش', <When key="accepted" at={notice.acceptedAt} time />],
          ['ثبت در صندوق', <When key="registered" at={notice.registeredAt} time />],
          ['نخستین مشاهده', notice.firstViewedAt && <When key="viewed" at={notice.firstViewedAt} time />],
          ['موضوع', <bdi key="subject">{notice.subject}</bdi>],
          ['متن پیامک', notice.smsText && <bdi key="text">{notice.smsText}</bdi>],
          ['گیرنده', <bdi key="name">{recipient.name}</bdi>],
          ['کد ملی', persianDigits(recipient.nationalId)],
          ['کد کارگاه', persianDigits(recipient.workshopCode)],
          ['موبایل در ثبت کارفرمایان', persianDigits(recipient.mobile && localMobile(recipient.mobile))],
          ['ایمیل در ثبت کارفرمایان', recipient.email && <Ltr key="email">{recipient.email}</Ltr>],
          [
            'پیوست‌ها',
            notice.attachments.length > 0 ? (
              <AttachmentList key="files" attachments={notice.attachments} />
            ) : null,
          ],
        ]}
      />
      {!unmasked && operator.role === 'operator' && (
        <ButtonLink href={`/ops/notices/${notice.id}/unmask`} kind="quiet">
          آشکار کردن داده شخصی
        </ButtonLink>
      )}
      <p class="hint">
        شناسه مکاتبه: <Ltr>{notice.id}</Ltr>
      </p>
    </Section>
  );
}

const AttachmentList = ({ attachments }: Pick<OperatorNoticeView, 'attachments'>) => (
  <>
    {attachments.map(({ fileName, contentType, removedAt }, i) => (
      <span key={i}>
        {i > 0 && '، '}
        <Ltr>{fileName}</Ltr> (<Ltr>{contentType}</Ltr>){removedAt && ' — فایل حذف شده است'}
      </span>
    ))}
  </>
);

const PERMIT_DURATION_LABELS: Record<string, string> = {
  day: 'یک روز',
  week: 'یک هفته',
  month: 'یک ماه',
  year: 'یک سال',
};
const PERMIT_STATE_LABELS = { live: 'معتبر', revoked: 'لغوشده', expired: 'پایان‌یافته' } as const;
const INQUIRY_OUTCOME_LABELS = {
  answered: 'پاسخ گرفت',
  no_permit: 'مجوزی نبود',
  locked_out: 'پس از تلاش‌های نادرست بسته بود',
} as const;

function Permits({ permits }: { permits: PermitView[] }) {
  if (permits.length === 0) return <p class="none">مجوزی صادر نشده است.</p>;
  return (
    <ul class="plain">
      {permits.map((permit) => (
        <li key={permit.id}>
          مجوز <Ltr>{toPersianDigits(permit.id)}</Ltr> به مدت{' '}
          {PERMIT_DURATION_LABELS[permit.duration] ?? permit.duration}، از <When at={permit.issuedAt} time />{' '}
          تا <When at={permit.expiresAt} time />: {PERMIT_STATE_LABELS[permit.state]}
          <ul>
            {permit.inquiries.map((inquiry, i) => (
              <li key={i}>
                <When at={inquiry.at} time /> <bdi>{inquiry.bodyName}</bdi>:{' '}
                {INQUIRY_OUTCOME_LABELS[inquiry.outcome]}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function AuditRecords({ records }: { records: AuditEntry[] }) {
  if (records.length === 0) return <p class="none">راهبری به این مکاتبه دست نزده است.</p>;
  return (
    <ol class="course">
      {records.map((entry) => (
        <li key={entry.id}>
          <When at={entry.at} time />
          <span>
            <bdi>{entry.operator}</bdi>: {ACTION_LABELS[entry.action]} ({AUDIT_OUTCOME_LABELS[entry.outcome]})
            {entry.reason && (
              <>
                {' '}
                — <bdi>{entry.reason}</bdi>
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
