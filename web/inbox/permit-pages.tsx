import type { ComponentChildren } from 'preact';
import { Button, ButtonLink, MessageBox } from '../ui/content';
import { PostForm, Select } from '../ui/forms';
import { Layout } from '../ui/layout';
import type { Session } from '../ui/session';
import { DURATION_OPTIONS } from './duration-labels';
import { Passcode } from './passcode';

interface PermitPageProps {
  session: Session;
  noticeId: string;
}

const PermitLayout = ({
  session,
  title,
  children,
}: Pick<PermitPageProps, 'session'> & { title: string; children: ComponentChildren }) => (
  <Layout title={title} session={session} current="inbox">
    <div class="card permit">{children}</div>
  </Layout>
);

/** «قابلیت استعلام»: the form that asks for the duration of the permit. */
export const IssuePage = ({ session, noticeId, error }: PermitPageProps & { error?: string }) => (
  <PermitLayout session={session} title="قابلیت استعلام">
    <h1>قابلیت استعلام</h1>
    <p>تعیین مدت زمان لازم جهت استعلام ابلاغ برای سایر نهادهای دولتی</p>
    <PostForm action={`/inbox/${noticeId}/permit`} session={session}>
      <Select
        name="duration"
        label="صدور مجوز استعلام به مدت:"
        options={DURATION_OPTIONS}
        placeholder="انتخاب کنید"
        error={error}
        required
      />
      <div class="actions">
        <Button>صدور مجوز استعلام</Button>
        <ButtonLink href="/inbox" kind="quiet">
          انصراف
        </ButtonLink>
      </div>
    </PostForm>
    <Explanation />
  </PermitLayout>
);

const Explanation = () => (
  <div class="explanation">
    <p>کاربر گرامی :</p>
    <p>
      این فرم جهت صدور مجوز استعلام (به اشتراک گذاری) اسناد یا اطلاعات موجود در صندوق شخصی شما تعبیه شده است.
    </p>
    <p>
      اطلاعاتی که توسط این فرم به اشتراک گذاشته می شوند از طریق لینک "پنل مخصوص دستگاههای دولتی و مرجع
      استعلامات رسمی" که در قسمت حاشیه انتهایی سایت (Footer) قرار دارد، توسط مراجع بیرونی قابل استعلام خواهد
      بود.
    </p>
    <p>
      امکان استعلام اسناد شما توسط سایرین فقط به واسطه ارائه کد ملی و رمز صادر شده در زمان به اشتراک گذاری
      امکان پذیر خواهد بود.
    </p>
    <p>
      شما در این فرم می توانید نسبت به صدور مجوز استعلام در خصوص یکی از موارد صندوق شخصی خود به مدت مشخص (شروع
      از تاریخ روز جاری) اقدام نمایید.
    </p>
    <p>بدیهی است پس از اتمام مدت تعیین شده مجوز استعلام بصورت اتوماتیک لغو خواهد شد.</p>
    <p>
      لازم به ذکر است در صورتی که مایل به لغو مجوز استعلام بصورت دستی هستید میتوانید از طریق دکمه "لغو مجوز
      استعلام" اقدام نمایید.
    </p>
  </div>
);

/** «پیام سیستم»: the permit is issued, and the page shows its passcode. */
export const IssuedPage = ({
  session,
  passcode,
}: Pick<PermitPageProps, 'session'> & { passcode: string }) => (
  <SystemMessage session={session} tone="good">
    <p>صدور مجوز استعلام با موفقیت انجام شد.</p>
    <p>
      کد رمز جهت استعلام: <Passcode passcode={passcode} />
    </p>
  </SystemMessage>
);

export const RevokePage = ({ session, noticeId }: PermitPageProps) => (
  <PermitLayout session={session} title="لغو مجوز استعلام">
    <h1>پیام سیستم</h1>
    <p>آیا از لغو مجوز اطمینان دارید؟</p>
    <PostForm action={`/inbox/${noticeId}/permit/revoke`} session={session}>
      <div class="actions">
        <Button kind="danger">تایید</Button>
        <ButtonLink href="/inbox" kind="quiet">
          انصراف
        </ButtonLink>
      </div>
    </PostForm>
  </PermitLayout>
);

export const RevokedPage = ({ session }: Pick<PermitPageProps, 'session'>) => (
  <SystemMessage session={session} tone="good">
    <p>لغو مجوز استعلام با موفقیت انجام شد.</p>
  </SystemMessage>
);

/** The answer when another request, perhaps from another tab, issued a permit first. */
export const PermitExistsPage = ({ session, noticeId }: PermitPageProps) => (
  <SystemMessage session={session} tone="caution">
    <p>برای این مکاتبه مجوز استعلام معتبری وجود دارد.</p>
    <p>
      <a href={`/inbox/${noticeId}/permit/issued`}>مشاهده کد رمز</a>
    </p>
  </SystemMessage>
);

export const NoPermitPage = ({ session }: Pick<PermitPageProps, 'session'>) => (
  <SystemMessage session={session} tone="caution">
    <p>برای این مکاتبه مجوز استعلام معتبری وجود ندارد.</p>
  </SystemMessage>
);

const SystemMessage = ({
  session,
  tone,
  children,
}: Pick<PermitPageProps, 'session'> & { tone: 'good' | 'caution'; children: ComponentChildren }) => (
  <PermitLayout session={session} title="پیام سیستم">
    <h1>پیام سیستم</h1>
    <MessageBox tone={tone}>{children}</MessageBox>
    <div class="actions">
      <ButtonLink href="/inbox">تایید</ButtonLink>
    </div>
  </PermitLayout>
);
