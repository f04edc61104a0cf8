import { Button, MessageBox } from '../ui/content';
import type { Visitor } from '../ui/csrf';
import { Field, PostForm } from '../ui/forms';
import { Layout } from '../ui/layout';

export interface RequestCodeView {
  /** The path to open after the login. */
  next: string;
  /** The typed text. */
  nationalId?: string;
  /** Whether the typed text is not a national ID. */
  invalid?: boolean;
  /** The reason why a new code is needed, or cannot be sent. */
  error?: string;
  /** Whether the visitor has just signed out. */
  signedOut?: boolean;
}

/** The first step of the login: it asks for the national ID. */
export function RequestCodePage({
  visitor,
  next,
  nationalId,
  invalid,
  error,
  signedOut,
}: RequestCodeView & { visitor: Visitor }) {
  return (
    <Layout title="ورود" current="login">
      <div class="card narrow">
        {signedOut && <MessageBox tone="good">از سامانه خارج شدید.</MessageBox>}
        {error && <MessageBox tone="bad">{error}</MessageBox>}
        <h1>ورود به صندوق مکاتبات</h1>
        <p>کدی شش‌رقمی به موبایلی که نزد سازمان ثبت کرده‌اید پیامک می‌شود.</p>
        <PostForm action="/login" session={visitor}>
          <input type="hidden" name="next" value={next} />
          <Field
            name="nationalId"
            label="کد ملی یا شناسه ملی"
            hint="شخص حقیقی: کد ملی، ۱۰ رقم. شخص حقوقی: شناسه ملی، ۱۱ رقم."
            error={invalid ? 'این عدد کد ملی یا شناسه ملی درستی نیست؛ رقم‌ها را دوباره نگاه کنید.' : undefined}
            value={nationalId}
            autocomplete="username"
            maxLength={64}
            numeric
            required
            autofocus
          />
          <Button>دریافت کد ورود</Button>
        </PostForm>
        <p class="hint">
          اگر موبایل شما عوض شده است یا هنوز ثبت نشده، به شعبه سازمان تأمین اجتماعی مربوطه مراجعه کنید. شخص
          حقوقی با موبایل نماینده خود وارد می‌شود.
        </p>
      </div>
    </Layout>
  );
}
