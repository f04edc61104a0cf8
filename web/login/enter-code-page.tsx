import type { PendingCode } from '../../core/sessions/login-codes';
import { toPersianDigits } from '../../core/text/normalise';
import { Button } from '../ui/content';
import type { Visitor } from '../ui/csrf';
import { Field, PostForm } from '../ui/forms';
import { Layout } from '../ui/layout';
import { Ltr } from '../ui/text';

export interface EnterCodeView {
  /** The path to open after the login. */
  next: string;
  /** The error message for the typed code. */
  error?: string;
}

/** The second step of the login. It looks the same for registered and unknown IDs: it does not know which one it is. */
export function EnterCodePage({
  visitor,
  pending,
  next,
  error,
}: EnterCodeView & { visitor: Visitor; pending: PendingCode }) {
  const { nationalId, expiresIn } = pending;
  return (
    <Layout title="کد ورود" current="login">
      <div class="card narrow">
        <h1>کد ورود</h1>
        <p>
          اگر شناسه <Ltr>{toPersianDigits(nationalId)}</Ltr> در سامانه ثبت باشد، کدی شش‌رقمی به موبایل آن پیامک
          شد. کد تا {toPersianDigits(Math.ceil(expiresIn / 60))} دقیقه دیگر معتبر است.
        </p>
        <PostForm action="/login/code" session={visitor}>
          <input type="hidden" name="next" value={next} />
          <Field
            name="code"
            label="کد شش‌رقمی پیامک"
            error={error}
            autocomplete="one-time-code"
            maxLength={16}
            class="one-time"
            numeric
            required
            autofocus
          />
          <Button>ورود</Button>
        </PostForm>
        <ResendCode visitor={visitor} pending={pending} next={next} />
        <p class="hint">این کد را به هیچ‌کس نگویید؛ کارکنان سازمان هرگز آن را از شما نمی‌پرسند.</p>
      </div>
    </Layout>
  );
}

/** The button that requests another code. Without JavaScript it is always visible, and answers with an error when it is too early. */
function ResendCode({ visitor, pending, next }: { visitor: Visitor; pending: PendingCode; next: string }) {
  return (
    <div class="again">
      {pending.resendIn > 0 && (
        <p class="hint" data-seconds={pending.resendIn} data-then="again" hidden>
          پیامک نرسید؟ <span data-left>{toPersianDigits(pending.resendIn)}</span> ثانیه دیگر می‌توانید کد دیگری
          بخواهید.
        </p>
      )}
      <div class="actions" id="again">
        <PostForm action="/login/again" session={visitor} class="inline">
          <input type="hidden" name="next" value={next} />
          <Button kind="quiet">فرستادن دوباره کد</Button>
        </PostForm>
        <a href={`/login?next=${encodeURIComponent(next)}`}>شناسه دیگری وارد می‌کنم</a>
      </div>
    </div>
  );
}
