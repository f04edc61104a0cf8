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
  /** Where its form is sent. */
  formPath: string;
  form?: ActionForm | undefined;
  errors?: { reason?: string | undefined; value?: string | undefined } | undefined;
}

/** What an action is, what it will touch, and the form that does it. */
export const ActionPage = ({ operator, action: offer, preview, formPath, form, errors }: ActionPageProps) => (
  <OpsLayout title={offer.title} operator={operator} current={offer.section}>
    <div class="card">
      <h1>{offer.title}</h1>
      <div class="stack">{offer.explanation}</div>
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
            {offer.field && (
              <Field
                name={offer.field.name}
                label={offer.field.label}
                hint={offer.field.hint}
                value={form?.value ?? offer.field.value}
                error={errors?.value}
                autocomplete="off"
                numeric
              />
            )}
            <ReasonField value={form?.reason} error={errors?.reason} />
            <div class="actions">
              <Button kind={offer.danger ? 'danger' : 'main'}>{offer.title}</Button>
              <ButtonLink href={offer.returnPath} kind="quiet">
                انصراف
              </ButtonLink>
            </div>
          </PostForm>
        </>
      )}
      {preview.blockedReason && <ButtonLink href={offer.returnPath}>بازگشت</ButtonLink>}
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
