import type { InboxWorkshop } from '../../core/inbox/inbox';
import { toPersianDigits } from '../../core/text/normalise';
import { MessageBox } from '../ui/content';
import { Ltr } from '../ui/text';

const MAX_LISTED_WORKSHOPS = 20;

/** The list of the workshops without a service agreement, whose notices are not served here, and what the employer must do. */
export function WithoutAgreement({ workshops }: { workshops: InboxWorkshop[] }) {
  const without = workshops.filter(({ hasAgreement }) => !hasAgreement);
  if (without.length === 0) return null;
  const more = without.length - MAX_LISTED_WORKSHOPS;
  return (
    <MessageBox tone="caution" title="کارگاه‌های بدون تفاهم نامه ابلاغ الکترونیک">
      <p>
        کارفرمایی که فرم تفاهم نامه ابلاغ الکترونیک را در شعبه سازمان تامین اجتماعی پر نکرده است میبایست به
        شعبه سازمان تامین اجتماعی مربوطه مراجعه نموده که پس از پر کردن فرم مربوطه امکان دریافت ابلاغ الکترونیک
        فراهم میشود، در غیر اینصورت ابلاغی دریافت نخواهد نمود.
      </p>
      <ul>
        {without.slice(0, MAX_LISTED_WORKSHOPS).map(({ code, name }) => (
          <li key={code}>
            <bdi>{name}</bdi> (کد کارگاه <Ltr>{toPersianDigits(code)}</Ltr>)
          </li>
        ))}
        {more > 0 && <li>و {toPersianDigits(more)} کارگاه دیگر</li>}
      </ul>
    </MessageBox>
  );
}
