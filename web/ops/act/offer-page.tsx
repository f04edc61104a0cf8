import { randomUUID } from 'node:crypto';
import { toPersianDigits } from '../../../core/text/normalise';
import { Button, ButtonLink, MessageBox } from '../../frame/content';
import { Field, PostForm } from '../../frame/forms';
import { Ltr } from '../../frame/text';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import type { Offer, OfferForm, Preview } from './offer';

interface OfferPageProps {
  operator: SignedInOperator;
  offer: Offer;
  preview: Preview;
  /** Where its form is sent. */
  action: string;
  form?: OfferForm | undefined;
  faults?: { reason?: string | undefined; value?: string | undefined } | undefined;
}

/** What an action is, what it will touch, and the form that does it. */
export const OfferPage = ({ operator, offer, preview, action, form, faults }: OfferPageProps) => (
  <OpsLayout title={offer.title} operator={operator} current={offer.section}>
    <div class="card">
      <h1>{offer.title}</h1>
      <div class="stack">{offer.explanation}</div>
      {preview.obstacle ? (
        <MessageBox tone="caution">
          <p>{preview.obstacle}</p>
        </MessageBox>
      ) : (
        <>
          <Touched preview={preview} />
          <PostForm action={action} session={operator}>
            <input type="hidden" name="requestId" value={randomUUID()} />
            {preview.seen !== undefined && <input type="hidden" name="seen" value={preview.seen} />}
            {offer.field && (
              <Field
                name={offer.field.name}
                label={offer.field.label}
                hint={offer.field.hint}
                value={form?.value ?? offer.field.value}
                error={faults?.value}
                autocomplete="off"
                numeric
              />
            )}
            <ReasonField value={form?.reason} error={faults?.reason} />
            <div class="actions">
              <Button kind={offer.danger ? 'danger' : 'main'}>{offer.title}</Button>
              <ButtonLink href={offer.back} kind="quiet">
                انصراف
              </ButtonLink>
            </div>
          </PostForm>
        </>
      )}
      {preview.obstacle && <ButtonLink href={offer.back}>بازگشت</ButtonLink>}
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

const Touched = ({ preview: { count, of, sample = [] } }: { preview: Preview }) => (
  <MessageBox title="به این‌ها دست می‌زند">
    <p>
      <strong>{toPersianDigits(count)}</strong> {of}
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
