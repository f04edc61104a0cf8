import { Button, MessageBox } from '../ui/content';
import type { Visitor } from '../ui/csrf';
import { Field, PostForm } from '../ui/forms';
import { Layout } from '../ui/layout';
import type { Session } from '../ui/session';

export interface InquiryForm {
  bodyName: string;
  nationalId: string;
}

export interface InquiryPageProps {
  visitor: Visitor;
  session: Session | null;
  form?: InquiryForm;
  /** The reason why the last inquiry was refused. */
  refusal?: string | undefined;
  /** The message at the field of the body's name. */
  bodyNameError?: string | undefined;
}

export const PANEL_NAME = 'پنل مخصوص دستگاههای دولتی و مرجع استعلامات رسمی';

/** The form of a government body. After an error it keeps the typed values, except the passcode. */
export const InquiryPage = ({ visitor, session, form, refusal, bodyNameError }: InquiryPageProps) => (
  <Layout title={PANEL_NAME} session={session} current="inquiry">
    <div class="card narrow">
      <h1>{PANEL_NAME}</h1>
      <p>
        با کد ملی و کد رمزی که کارفرما داده است، همان یک مکاتبه را می‌بینید. هر استعلام ثبت می‌شود و کارفرما از
        آن آگاه می‌شود.
      </p>
      {refusal && (
        <MessageBox tone="bad">
          <p>{refusal}</p>
        </MessageBox>
      )}
      <PostForm action="/inquiry" session={visitor}>
        <Field
          name="bodyName"
          label="نام دستگاه"
          value={form?.bodyName}
          error={bodyNameError}
          maxLength={200}
          autocomplete="organization"
          required
        />
        <Field
          name="nationalId"
          label="کد ملی"
          hint="کد ملی یا شناسه ملی کارفرما"
          value={form?.nationalId}
          maxLength={64}
          autocomplete="off"
          numeric
          required
        />
        <Field name="passcode" label="کد رمز" maxLength={64} autocomplete="off" numeric required />
        <div class="actions">
          <Button>استعلام</Button>
        </div>
      </PostForm>
    </div>
  </Layout>
);
