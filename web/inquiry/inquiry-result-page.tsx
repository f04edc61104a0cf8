import type { InquirerNoticeView } from '../../core/inquiries/inquiries';
import { lastInquirableDay } from '../../core/permits/permit-durations';
import { toPersianDigits } from '../../core/text/normalise';
import { ButtonLink, DescriptionList } from '../ui/content';
import { Layout } from '../ui/layout';
import { NoticeContent, noticeEntries } from '../ui/notice-content';
import type { Session } from '../ui/session';
import { Ltr, When } from '../ui/text';
import { PANEL_NAME } from './inquiry-page';

/** The notice of a permit: its content, its recipient and the last day on which it can be inquired. */
export const InquiryResultPage = ({
  session,
  notice,
}: {
  session: Session | null;
  notice: InquirerNoticeView;
}) => (
  <Layout title="نتیجه استعلام" session={session} current="inquiry">
    <article class="card inquired">
      <p class="steps">{PANEL_NAME}</p>
      <h1>نتیجه استعلام</h1>
      <DescriptionList
        entries={[
          ...noticeEntries(notice),
          ['کد ملی', <Ltr key="id">{toPersianDigits(notice.nationalId)}</Ltr>],
          ['تاریخ ثبت', <When key="registered" at={notice.registeredAt} time />],
          ['قابل استعلام تا', <When key="until" at={lastInquirableDay(notice.inquirableUntil)} />],
        ]}
      />
      <NoticeContent
        smsText={notice.smsText}
        attachments={notice.attachments}
        urlOf={(file, download) =>
          `/inquiry/attachments/${file.id}?${new URLSearchParams({
            pass: notice.pass,
            ...(download && { download: '1' }),
          })}`
        }
      />
      {notice.attachments.some(({ removedAt }) => !removedAt) && (
        <p class="hint">پیوند فایل‌ها ده دقیقه کار می‌کند؛ پس از آن دوباره استعلام کنید.</p>
      )}
      <ButtonLink href="/inquiry" kind="quiet">
        استعلام دیگر
      </ButtonLink>
    </article>
  </Layout>
);
