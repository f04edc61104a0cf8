import { randomUUID } from 'node:crypto';
import { toPersianDigits } from '../../../core/text/normalise';
import { Button, ButtonLink, MessageBox } from '../../ui/content';
import { Field, PostForm } from '../../ui/forms';
import { Ltr } from '../../ui/text';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import type { ActionForm, ActionPreview, OperatorAction } from './operator-action';

interface ActionPageProps {
  operator: SignedInOperator;
  action: OperatorAction;
  preview: ActionPreview;
  /** The path that the form is sent to. */
  formPath: string;
  form?: ActionForm | undefined;
  errors?: { reason?: string | undefined; value?: string | undefined } | undefined;
}

/** The page of an action: its explanation, the items it would affect, and the form that performs it. */
export const ActionPage = ({ operator, action, preview, formPath, form, errors }: ActionPageProps) => (
  <OpsLayout title={action.title} operator={operator} current={action.section}>
    <div class="card">
      <h1>{action.title}</h1>
      <div class="stack">{action.explanation}</div>
      {preview.blockedReason ? (
        <MessageBox tone="caution">
          <p>{preview.blockedReason}</p>
        </MessageBox>
      ) : (
        <>
          <AffectedItems preview={preview} />
          <PostForm action={formPath} session={operator}>
            <input type="hidden" name="requestId" value={randomUUID()} />
            {preview.snapshot !== undefined && <input type="hidden" name="seen" value={preview.snapshot} />}
            {action.field && (
              <Field
                name={action.field.name}
                label={action.field.label}
                hint={action.field.hint}
                value={form?.value ?? action.field.value}
                error={errors?.value}
                autocomplete="off"
                numeric
              />
            )}
            <ReasonField value={form?.reason} error={errors?.reason} />
            <div class="actions">
              <Button kind={action.danger ? 'danger' : 'main'}>{action.title}</Button>
              <ButtonLink href={action.returnPath} kind="quiet">
                انصراف
              </ButtonLink>
            </div>
          </PostForm>
        </>
      )}
      {preview.blockedReason && <ButtonLink href={action.returnPath}>بازگشت</ButtonLink>}
    </div>
  </OpsLayout>
);

export const ReasonField = ({ value, error }: { value?: string | undefined; error?: string | undefined }) => (
  <Field
    name="reason"
    label="دلیل"
    hint="برای همیشه در کارنامه می‌ماند؛ داده شخصی (کد ملی، موبایل، ایمیل، نام) در آن ننویسید."
    value={value}
    error={error}
    maxLength={300}
    autocomplete="off"
    required
  />
);

const AffectedItems = ({ preview: { count, itemLabel, sample = [] } }: { preview: ActionPreview }) => (
  <MessageBox title="به این‌ها دست می‌زند">
    <p>
      <strong>{toPersianDigits(count)}</strong> {itemLabel}
    </p>
    {sample.length > 0 && (
      <p>
        {count > sample.length ? 'نمونه: ' : 'شماره پیگیری: '}
        {sample.map(({ noticeId, trackingNumber }, i) => (
          <span key={noticeId}>
            {i > 0 && '، '}
            <a href={`/ops/notices/${noticeId}`}>
              <Ltr>{toPersianDigits(trackingNumber)}</Ltr>
            </a>
          </span>
        ))}
      </p>
    )}
  </MessageBox>
);
