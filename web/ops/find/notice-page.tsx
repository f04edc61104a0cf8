import type { ComponentChildren } from 'preact';
import type { FilePermit, NoticeFile } from '../../../core/desk/notice-file';
import type { AuditEntry } from '../../../core/operators/audit';
import { localMobile } from '../../../core/text/identifiers';
import { toPersianDigits } from '../../../core/text/normalise';
import { ButtonLink, DescriptionList, MessageBox } from '../../frame/content';
import { Ltr, When } from '../../frame/text';
import { OutcomeBox } from '../act/outcome-box';
import { ACTION_WORDS, OUTCOME_WORDS } from '../audit-page';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import { LANE } from '../status/words';
import { AlertCard } from './alert-card';
import { Timeline } from './timeline';

interface NoticePageProps {
  operator: SignedInOperator;
  file: NoticeFile;
  /** Whether the personal data on it is readable. */
  unmasked?: boolean;
  outcome?: AuditEntry | null;
}

/** Everything about one notice. Its numbers that everybody may compare are whole, the rest is masked at first. */
export const NoticePage = ({ operator, file, unmasked = false, outcome = null }: NoticePageProps) => (
  <OpsLayout title={`مکاتبه ${toPersianDigits(file.trackingNumber)}`} operator={operator} current="find">
    <OutcomeBox entry={outcome} />
    <div class="page-head">
      <h1>
        مکاتبه <Ltr>{toPersianDigits(file.trackingNumber)}</Ltr>
      </h1>
      <p>{file.sourceTitle}</p>
    </div>
    <div class="stack">
      <Facts file={file} operator={operator} unmasked={unmasked} />
      <section class="stack" aria-label="هشدارها">
        <h2>هشدارها</h2>
        {file.alerts.length === 0 && <p class="none">این مکاتبه هشداری ندارد.</p>}
        {file.alerts.map((alert) => (
          <AlertCard key={alert.id} alert={alert} operator={operator} />
        ))}
      </section>
      <Part title="رویدادها">
        <Timeline events={file.timeline} />
      </Part>
      <Part title="مجوزها و استعلام‌ها">
        <Permits permits={file.permits} />
      </Part>
      <Part title="کارهای راهبران درباره این مکاتبه">
        <Records records={file.records} />
      </Part>
    </div>
  </OpsLayout>
);

const Part = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section class="card" aria-label={title}>
    <h2>{title}</h2>
    {children}
  </section>
);

const number = (text: string | null) => text && <Ltr>{toPersianDigits(text)}</Ltr>;

function Facts({ file, operator, unmasked }: Required<Omit<NoticePageProps, 'outcome'>>) {
  const { recipient } = file;
  return (
    <Part title="مشخصات">
      {unmasked && (
        <MessageBox tone="caution">
          <p>
            داده شخصی یک بار آشکار شد و این در کارنامه ماند. با بستن یا تازه کردن صفحه دوباره پنهان می‌شود.
          </p>
        </MessageBox>
      )}
      <DescriptionList
        entries={[
          ['شماره مرجع', <Ltr key="reference">{file.reference}</Ltr>],
          ['گونه', file.kind && <Ltr key="kind">{file.kind}</Ltr>],
          ['اولویت', LANE[file.priority]],
          ['پذیرش', <When key="accepted" at={file.acceptedAt} time />],
          ['ثبت در صندوق', <When key="registered" at={file.registeredAt} time />],
          ['نخستین مشاهده', file.firstViewedAt && <When key="viewed" at={file.firstViewedAt} time />],
          ['موضوع', <bdi key="subject">{file.subject}</bdi>],
          ['متن پیامک', file.smsText && <bdi key="text">{file.smsText}</bdi>],
          ['گیرنده', <bdi key="name">{recipient.name}</bdi>],
          ['کد ملی', number(recipient.nationalId)],
          ['کد کارگاه', number(recipient.workshopCode)],
          ['موبایل در ثبت کارفرمایان', number(recipient.mobile && localMobile(recipient.mobile))],
          ['ایمیل در ثبت کارفرمایان', recipient.email && <Ltr key="email">{recipient.email}</Ltr>],
          ['پیوست‌ها', file.attachments.length > 0 ? <Files key="files" file={file} /> : null],
        ]}
      />
      {!unmasked && operator.role === 'operator' && (
        <ButtonLink href={`/ops/notices/${file.id}/unmask`} kind="quiet">
          آشکار کردن داده شخصی
        </ButtonLink>
      )}
      <p class="hint">
        شناسه مکاتبه: <Ltr>{file.id}</Ltr>
      </p>
    </Part>
  );
}

const Files = ({ file: { attachments } }: { file: NoticeFile }) => (
  <>
    {attachments.map(({ fileName, contentType, removedAt }, i) => (
      <span key={i}>
        {i > 0 && '، '}
        <Ltr>{fileName}</Ltr> (<Ltr>{contentType}</Ltr>){removedAt && ' — فایل حذف شده است'}
      </span>
    ))}
  </>
);

const DURATIONS: Record<string, string> = {
  day: 'یک روز',
  week: 'یک هفته',
  month: 'یک ماه',
  year: 'یک سال',
};
const PERMIT_STATES = { live: 'معتبر', revoked: 'لغوشده', expired: 'پایان‌یافته' } as const;
const INQUIRY_OUTCOMES = {
  answered: 'پاسخ گرفت',
  no_permit: 'مجوزی نبود',
  locked_out: 'پس از تلاش‌های نادرست بسته بود',
} as const;

function Permits({ permits }: { permits: FilePermit[] }) {
  if (permits.length === 0) return <p class="none">مجوزی صادر نشده است.</p>;
  return (
    <ul class="plain">
      {permits.map((permit) => (
        <li key={permit.id}>
          مجوز <Ltr>{toPersianDigits(permit.id)}</Ltr> به مدت {DURATIONS[permit.duration] ?? permit.duration}،
          از <When at={permit.issuedAt} time /> تا <When at={permit.expiresAt} time />:{' '}
          {PERMIT_STATES[permit.state]}
          <ul>
            {permit.inquiries.map((inquiry, i) => (
              <li key={i}>
                <When at={inquiry.at} time /> <bdi>{inquiry.bodyName}</bdi>:{' '}
                {INQUIRY_OUTCOMES[inquiry.outcome]}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function Records({ records }: { records: AuditEntry[] }) {
  if (records.length === 0) return <p class="none">راهبری به این مکاتبه دست نزده است.</p>;
  return (
    <ol class="course">
      {records.map((entry) => (
        <li key={entry.id}>
          <When at={entry.at} time />
          <span>
            <bdi>{entry.operator}</bdi>: {ACTION_WORDS[entry.action]} ({OUTCOME_WORDS[entry.outcome]})
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
