import type { DeadAlertGroup } from '../../../core/operator-console/audit-subjects';

/** The meaning of a cause and the remedy, in Persian. */
export interface CauseExplanation {
  meaning: string;
  remedy: string;
}

const FIX_ADDRESS =
  'نشانی را در ثبت کارفرمایان درست کنید و از ارسال این هشدار دست بکشید؛ خود مکاتبه در صندوق کارفرما هست.';
const FIX_OUR_CALL = 'تنظیم یا متن را درست کنید، سپس دوباره بفرستید.';
const RESEND = 'دوباره بفرستید؛ اگر باز نرسید از ارسال دست بکشید.';
const FIX_ACCOUNT = 'حساب یا خط را نزد ارائه‌دهنده درست کنید، خط را در «هدایت» باز کنید، سپس دوباره بفرستید.';
const ASK_PROVIDER =
  'در پنل ارائه‌دهنده ببینید چه شده است: اگر رفته به عنوان فرستاده‌شده به شمار آورید، وگرنه دوباره بفرستید.';

const explanation = (meaning: string, remedy: string): CauseExplanation => ({ meaning, remedy });

/** The causes by code: Kavenegar's return codes and delivery statuses, SMTP replies, nodemailer's errors and our own codes. */
const ALERT_CAUSES: Record<string, CauseExplanation> = {
  6: explanation('مخابرات نتوانست پیامک را بفرستد.', RESEND),
  11: explanation('پیامک به گوشی نرسید: خاموش یا بیرون از دسترس بود.', RESEND),
  13: explanation('پیامک نزد ارائه‌دهنده لغو شد و هزینه‌اش برگشت.', RESEND),
  14: explanation(
    'گیرنده پیامک‌های این خط را بسته است؛ هزینه‌اش برگشت.',
    'از همین خط نمی‌رسد: با خط دیگر یا الگوی خدماتی بفرستید، یا دست بکشید.',
  ),
  100: explanation('در مهلت مقرر گزارش تحویلی نیامد.', ASK_PROVIDER),
  400: explanation('پارامترهای درخواست کامل نبود.', FIX_OUR_CALL),
  401: explanation('حساب ارائه‌دهنده فعال نیست.', FIX_ACCOUNT),
  402: explanation('کار نزد ارائه‌دهنده ناموفق بود.', RESEND),
  403: explanation('کلید حساب ارائه‌دهنده درست نیست.', FIX_ACCOUNT),
  404: explanation('متدی با این نام نزد ارائه‌دهنده نیست.', FIX_OUR_CALL),
  405: explanation('متد نزد ارائه‌دهنده جور دیگری فراخوانده می‌شود.', FIX_OUR_CALL),
  406: explanation('پارامترهای اجباری نبود.', FIX_OUR_CALL),
  407: explanation('دسترسی به این اطلاعات نیست یا نشانی سرور مجاز نیست.', FIX_ACCOUNT),
  409: explanation('ارائه‌دهنده توان پاسخ نداشت.', RESEND),
  411: explanation('شماره گیرنده درست نیست.', FIX_ADDRESS),
  412: explanation('خط فرستنده درست نیست.', FIX_ACCOUNT),
  413: explanation('متن پیامک خالی یا بلندتر از اندازه است.', FIX_OUR_CALL),
  414: explanation('پیامک‌های یک درخواست بیش از اندازه بود.', FIX_OUR_CALL),
  415: explanation('اندیس آغاز بزرگ‌تر از اندازه بود.', FIX_OUR_CALL),
  416: explanation('نشانی این سرور نزد ارائه‌دهنده مجاز نیست.', FIX_ACCOUNT),
  417: explanation('تاریخ ارسال درست نبود.', FIX_OUR_CALL),
  418: explanation('اعتبار حساب کافی نیست.', FIX_ACCOUNT),
  419: explanation('طول آرایه‌های درخواست یکی نبود.', FIX_OUR_CALL),
  420: explanation('در متن پیامک پیوند هست و این خط اجازه‌اش را ندارد.', FIX_OUR_CALL),
  421: explanation('سرور ایمیل سرویس نداد.', RESEND),
  422: explanation('متن نویسه‌ای دارد که پذیرفته نیست.', FIX_OUR_CALL),
  424: explanation('الگوی پیامک پیدا نشد یا تأیید نشده است.', FIX_ACCOUNT),
  426: explanation('این متد سطح دیگری از سرویس می‌خواهد.', FIX_ACCOUNT),
  427: explanation('این خط سطح دسترسی دیگری می‌خواهد.', FIX_ACCOUNT),
  428: explanation('مقدار الگوی پیامک درست نیست.', FIX_OUR_CALL),
  429: explanation('نشانی این سرور نزد ارائه‌دهنده محدود شده است.', FIX_ACCOUNT),
  431: explanation('ساختار کد با الگو جور نیست.', FIX_OUR_CALL),
  432: explanation('پارامتر کد در الگو نیست.', FIX_ACCOUNT),
  450: explanation('صندوق ایمیل گیرنده اکنون در دسترس نیست.', RESEND),
  451: explanation('ارائه‌دهنده درخواست را به بعد انداخت.', RESEND),
  452: explanation('جای سرور ایمیل گیرنده پر است.', RESEND),
  501: explanation('تنها برای صاحب حساب می‌توان فرستاد.', FIX_ACCOUNT),
  550: explanation('چنین صندوق ایمیلی نیست یا نمی‌پذیرد.', FIX_ADDRESS),
  551: explanation('گیرنده از این سرور ایمیل نیست.', FIX_ADDRESS),
  552: explanation('صندوق ایمیل گیرنده پر است.', RESEND),
  553: explanation('نشانی ایمیل درست نیست.', FIX_ADDRESS),
  554: explanation(
    'سرور ایمیل نامه را رد کرد.',
    'علت را از سرور ایمیل بپرسید؛ سپس دوباره بفرستید یا دست بکشید.',
  ),
  604: explanation('الگو برای این گونه فراخوانی نیست.', FIX_OUR_CALL),
  607: explanation('برچسب درست نیست.', FIX_OUR_CALL),
  530: explanation('سرور ایمیل ورود با نام کاربری می‌خواهد.', FIX_ACCOUNT),
  534: explanation('سرور ایمیل این گونه ورود را نمی‌پذیرد.', FIX_ACCOUNT),
  535: explanation('سرور ایمیل نام کاربری یا گذرواژه را نپذیرفت.', FIX_ACCOUNT),
  538: explanation('سرور ایمیل برای ورود رمزنگاری می‌خواهد.', FIX_ACCOUNT),
  EAUTH: explanation('ورود به سرور ایمیل انجام نشد.', FIX_ACCOUNT),
  ECONNECTION: explanation('ارتباط با سرور ایمیل برقرار نشد یا قطع شد.', ASK_PROVIDER),
  ETIMEDOUT: explanation('سرور ایمیل در مهلت پاسخ نداد.', ASK_PROVIDER),
  ESOCKET: explanation('ارتباط با سرور ایمیل قطع شد.', ASK_PROVIDER),
  EENVELOPE: explanation('سرور ایمیل نشانی را نپذیرفت.', FIX_ADDRESS),
  EMESSAGE: explanation('نامه ساخته نشد.', FIX_OUR_CALL),
  not_known: explanation('ارائه‌دهنده نتوانست بگوید پیام به دستش رسیده است یا نه.', ASK_PROVIDER),
  no_entry: explanation('پاسخ ارائه‌دهنده نامی از این پیام نداشت.', ASK_PROVIDER),
  deadline: explanation('پاسخ در مهلت نیامد.', ASK_PROVIDER),
  unreadable_answer: explanation('پاسخ ارائه‌دهنده خواندنی نبود.', ASK_PROVIDER),
  answer_too_large: explanation('پاسخ ارائه‌دهنده بیش از اندازه بزرگ بود.', ASK_PROVIDER),
  worker_lost: explanation('کارگر هنگام فرستادن از کار افتاد.', ASK_PROVIDER),
  restored: explanation(
    'پایگاه داده به لحظه‌ای پیش‌تر برگشت و شاید این هشدار پس از آن لحظه فرستاده شده باشد.',
    'در پنل ارائه‌دهنده یا گزارش سرور ایمیل ببینید پس از آن لحظه چه رفته است؛ رفته‌ها را فرستاده‌شده به شمار آورید و بقیه را دوباره بفرستید.',
  ),
  given_up: explanation('راهبر از ارسال دست کشید.', RESEND),
  cancelled: explanation('راهبر ارسال‌نشده‌های سامانه مبدأ را لغو کرد.', RESEND),
  none: explanation('هرگز نوبت فرستادنش نشد.', 'علت را در «هدایت» و «وضعیت» برطرف کنید، سپس دوباره بفرستید.'),
};

const DEFAULT_CAUSES: Record<DeadAlertGroup['state'], CauseExplanation> = {
  failed: explanation('این کد در مستندات ارائه‌دهنده نیست.', RESEND),
  unknown: explanation('پاسخ خواندنی از ارائه‌دهنده نیامد.', ASK_PROVIDER),
  expired: explanation(
    'آخرین تلاش با این کد پایان یافت و مهلت گذشت.',
    'پس از برطرف شدن علت، دوباره بفرستید.',
  ),
};

export const alertCause = ({ cause, state }: Pick<DeadAlertGroup, 'cause' | 'state'>): CauseExplanation =>
  ALERT_CAUSES[cause] ?? DEFAULT_CAUSES[state];

/** Translates a recorded message by its code. A message whose code is unknown here stays as it was recorded. */
export const describeCause = (code: string | null | undefined, recorded: string | null): string | null =>
  (code && ALERT_CAUSES[code]?.meaning) || recorded;

const SENDER_MUST_FIX = 'سامانه مبدأ باید درخواست را درست کند و دوباره بفرستد.';

const REFUSAL_CAUSES: Record<string, CauseExplanation> = {
  no_service_agreement: explanation(
    'کارگاه تفاهم‌نامه ابلاغ الکترونیک ندارد.',
    'سامانه مبدأ باید کاغذی ابلاغ کند، یا تفاهم‌نامه ثبت و مکاتبه دوباره فرستاده شود.',
  ),
  unknown_employer: explanation(
    'کارفرمایی با این کد ملی ثبت نیست.',
    'کارفرما را ثبت کنید؛ سپس سامانه مبدأ دوباره بفرستد.',
  ),
  unknown_workshop: explanation(
    'کارفرما چنین کارگاهی ندارد.',
    'کارگاه را ثبت کنید؛ سپس سامانه مبدأ دوباره بفرستد.',
  ),
  bad_signature: explanation(
    'امضای کار صف با متن مکاتبه نمی‌خواند.',
    'کلید و روش امضای سامانه مبدأ را بررسی کنید؛ اگر کار از آنِ آن نیست، کسی به صف دسترسی دارد که نباید.',
  ),
  unauthorized: explanation('کلید ناشناس یا باطل‌شده بود.', 'به سامانه مبدأ کلید تازه بدهید.'),
  forbidden: explanation('کلید اجازه فرستادن مکاتبه ندارد.', 'کلیدی با دامنه notices بسازید.'),
  reference_conflict: explanation(
    'با همین شماره مرجع مکاتبه دیگری پذیرفته شده است.',
    'سامانه مبدأ باید برای محتوای دیگر شماره مرجع دیگری بدهد.',
  ),
  invalid_national_id: explanation('کد ملی یا شناسه ملی درست نبود.', SENDER_MUST_FIX),
  invalid_workshop_code: explanation('کد کارگاه درست نبود.', SENDER_MUST_FIX),
  invalid_mobile: explanation('شماره موبایل درست نبود.', SENDER_MUST_FIX),
  invalid_email: explanation('نشانی ایمیل درست نبود.', SENDER_MUST_FIX),
  link_not_allowed: explanation('متن پیامک پیوند داشت.', SENDER_MUST_FIX),
  sms_text_too_long: explanation('متن پیامک بلندتر از اندازه بود.', SENDER_MUST_FIX),
  invalid_attachment: explanation('پیوست آن نبود که گفته شده بود.', SENDER_MUST_FIX),
  too_large: explanation('مکاتبه یا پیوست بیش از اندازه بزرگ بود.', SENDER_MUST_FIX),
  invalid_request: explanation('درخواست به شکلی نبود که قرارداد می‌خواهد.', SENDER_MUST_FIX),
};

export const refusalCause = (code: string): CauseExplanation =>
  REFUSAL_CAUSES[code] ?? explanation('مکاتبه پذیرفته نشد.', SENDER_MUST_FIX);

export const UNMATCHED_CALLBACK_CAUSE = explanation(
  'گزارش تحویلی که با هیچ پیام ما جور نبود.',
  'بررسی کنید نشانی بازخوانی نزد حساب دیگری ثبت نشده باشد؛ سپس رسیدگی‌شده بدانید.',
);

/** Names of Kavenegar's delivery statuses. */
const DELIVERY_STATUS_LABELS: Record<number, string> = {
  1: 'در صف ارائه‌دهنده',
  2: 'زمان‌بندی‌شده',
  4: 'به مخابرات رسید',
  5: 'به مخابرات رسید',
  6: 'خطای مخابرات',
  10: 'تحویل شد',
  11: 'نرسید',
  13: 'لغو شد',
  14: 'گیرنده بسته است',
  100: 'ناشناس',
};

export const deliveryStatusLabel = (status: number): string =>
  DELIVERY_STATUS_LABELS[status] ?? 'بیرون از مستندات';
