import type { OwnerNoticeView } from '../../core/inbox/owner-notice-view';
import { toPersianDigits } from '../../core/text/normalise';
import { ButtonLink, DescriptionList, MessageBox } from '../ui/content';
import { Layout } from '../ui/layout';
import { NoticeContent, noticeEntries } from '../ui/notice-content';
import type { Session } from '../ui/session';
import { Ltr } from '../ui/text';
import type { ExternalUrls } from './actions-menu';
import { History } from './history';
import { InquirableUntil } from './inquirable-until';
import { LegalDates } from './legal-dates';
import { Passcode } from './passcode';

interface NoticePageProps {
  session: Session;
  notice: OwnerNoticeView;
  externalUrls: ExternalUrls;
  decryptPasscode(cipher: Buffer): string;
}

/** «رویت مکاتبه»: a notice, as a page of its own and as the dialog of the list. */
export function NoticePage({ session, notice, externalUrls, decryptPasscode }: NoticePageProps) {
  return (
    <Layout title="رویت مکاتبه" session={session} current="inbox">
      <article class="card notice">
        <p class="page-only">
          <a href="/inbox">صندوق مکاتبات</a>
        </p>
        <h1>رویت مکاتبه</h1>
        <DescriptionList
          entries={[
            ...noticeEntries(notice),
            ['کد کارگاه', <Ltr key="workshop">{toPersianDigits(notice.workshopCode)}</Ltr>],
          ]}
        />
        {notice.legacy ? (
          <InLegacyPortal address={externalUrls.legacyPortal} />
        ) : (
          <NoticeContent
            smsText={notice.smsText}
            attachments={notice.attachments}
            urlOf={(file, download) =>
              `/inbox/${notice.id}/attachments/${file.id}${download ? '?download=1' : ''}`
            }
          />
        )}
        <LegalDates legal={notice.legal} />
        {!notice.legacy && <PermitSection notice={notice} decryptPasscode={decryptPasscode} />}
        <section class="stack">
          <h2>تاریخچه</h2>
          <History history={notice.history} />
        </section>
        <div class="actions">
          <ButtonLink href={externalUrls.nationalCartable} kind="quiet" newTab>
            اتصال به ایران پوشه
          </ButtonLink>
        </div>
      </article>
    </Layout>
  );
}

const InLegacyPortal = ({ address }: { address: string }) => (
  <MessageBox>
    <p>
      این ابلاغ از طریق سامانه قبلی با آدرس{' '}
      <a href={address} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer" dir="ltr">
        {address}
      </a>{' '}
      قابل مشاهده می باشد.
    </p>
  </MessageBox>
);

/** The live permit with the button to revoke it, or the button to issue one. */
function PermitSection({ notice, decryptPasscode }: Pick<NoticePageProps, 'notice' | 'decryptPasscode'>) {
  const { id, permit } = notice;
  return (
    <section class="stack">
      <h2>مجوز استعلام</h2>
      <DescriptionList
        entries={[
          ['قابل استعلام تا', <InquirableUntil key="until" permit={permit} />],
          ['کد رمز', permit?.cipher && <Passcode key="passcode" passcode={decryptPasscode(permit.cipher)} />],
        ]}
      />
      {permit?.state === 'live' ? (
        <ButtonLink href={`/inbox/${id}/permit/revoke`} kind="danger">
          لغو مجوز استعلام
        </ButtonLink>
      ) : (
        <ButtonLink href={`/inbox/${id}/permit`} kind="quiet">
          صدور مجوز استعلام
        </ButtonLink>
      )}
    </section>
  );
}
