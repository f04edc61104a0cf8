import { randomUUID } from 'node:crypto';
import type { OperatorNoticeView } from '../../../core/operator-console/operator-notice-view';
import { toPersianDigits } from '../../../core/text/normalise';
import { Button, ButtonLink } from '../../ui/content';
import { PostForm } from '../../ui/forms';
import { Ltr } from '../../ui/text';
import { ReasonField } from '../actions/action-page';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';

interface UnmaskPageProps {
  operator: SignedInOperator;
  notice: OperatorNoticeView;
  reason?: string;
  error?: string;
}

const TITLE = 'آشکار کردن داده شخصی';

export const UnmaskPage = ({ operator, notice, reason, error }: UnmaskPageProps) => (
  <OpsLayout title={TITLE} operator={operator} current="find">
    <div class="card">
      <h1>{TITLE}</h1>
      <p>
        نام، کد ملی، موبایل، ایمیل، موضوع و متن پیامک مکاتبه{' '}
        <Ltr>{toPersianDigits(notice.trackingNumber)}</Ltr> یک بار نشان داده می‌شود، و این که چه کسی و چرا آن
        را دید در کارنامه می‌ماند.
      </p>
      <PostForm action={`/ops/notices/${notice.id}/unmask`} session={operator}>
        <input type="hidden" name="requestId" value={randomUUID()} />
        <ReasonField value={reason} error={error} />
        <div class="actions">
          <Button>{TITLE}</Button>
          <ButtonLink href={`/ops/notices/${notice.id}`} kind="quiet">
            انصراف
          </ButtonLink>
        </div>
      </PostForm>
    </div>
  </OpsLayout>
);
