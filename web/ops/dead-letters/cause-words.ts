import type { DeadGroup } from '../../../core/desk/subjects';

/** What a cause means, and what mends it. */
export interface CauseWords {
  meaning: string;
  mending: string;
}

const WRONG_ADDRESS =
  'نشانی را در ثبت کارفرمایان درست کنید و از ارسال این هشدار دست بکشید؛ خود مکاتبه در صندوق کارفرما هست.';
const OUR_CALL = 'تنظیم یا متن را درست کنید، سپس دوباره بفرستید.';
const LATER = 'دوباره بفرستید؛ اگر باز نرسید از ارسال دست بکشید.';
const ACCOUNT = 'حساب یا خط را نزد ارائه‌دهنده درست کنید، خط را در «هدایت» باز کنید، سپس دوباره بفرستید.';
const ASK =
  'در پنل ارائه‌دهنده ببینید چه شده است: اگر رفته به عنوان فرستاده‌شده به شمار آورید، وگرنه دوباره بفرستید.';

const words = (meaning: string, mending: string): CauseWords => ({ meaning, mending });

/** Kavenegar's return codes and statuses, those of mail servers, and our own. */
const ALERT_CAUSES: Record<string, CauseWords> = {
  6: words('مخابرات نتوانست پیامک را بفرستد.', LATER),
  11: words('پیامک به گوشی نرسید: خاموش یا بیرون از دسترس بود.', LATER),
  13: words('پیامک نزد ارائه‌دهنده لغو شد و هزینه‌اش برگشت.', LATER),
  14: words(
    'گیرنده پیامک‌های این خط را بسته است؛ هزینه‌اش برگشت.',
    'از همین خط نمی‌رسد: با خط دیگر یا الگوی خدماتی بفرستید، یا دست بکشید.',
  ),
  100: words('در مهلت مقرر گزارش تحویلی نیامد.', ASK),
  400: words('پارامترهای درخواست کامل نبود.', OUR_CALL),
  401: words('حساب ارائه‌دهنده فعال نیست.', ACCOUNT),
  402: words('کار نزد ارائه‌دهنده ناموفق بود.', LATER),
  403: words('کلید حساب ارائه‌دهنده درست نیست.', ACCOUNT),
  404: words('متدی با این نام نزد ارائه‌دهنده نیست.', OUR_CALL),
  405: words('متد نزد ارائه‌دهنده جور دیگری فراخوانده می‌شود.', OUR_CALL),
  406: words('پارامترهای اجباری نبود.', OUR_CALL),
  407: words('دسترسی به این اطلاعات نیست یا نشانی سرور مجاز نیست.', ACCOUNT),
  409: words('ارائه‌دهنده توان پاسخ نداشت.', LATER),
  411: words('شماره گیرنده درست نیست.', WRONG_ADDRESS),
  412: words('خط فرستنده درست نیست.', ACCOUNT),
  413: words('متن پیامک خالی یا بلندتر از اندازه است.', OUR_CALL),
  414: words('پیامک‌های یک درخواست بیش از اندازه بود.', OUR_CALL),
  415: words('اندیس آغاز بزرگ‌تر از اندازه بود.', OUR_CALL),
  416: words('نشانی این سرور نزد ارائه‌دهنده مجاز نیست.', ACCOUNT),
  417: words('تاریخ ارسال درست نبود.', OUR_CALL),
  418: words('اعتبار حساب کافی نیست.', ACCOUNT),
  419: words('طول آرایه‌های درخواست یکی نبود.', OUR_CALL),
  420: words('در متن پیامک پیوند هست و این خط اجازه‌اش را ندارد.', OUR_CALL),
  421: words('سرور ایمیل سرویس نداد.', LATER),
  422: words('متن نویسه‌ای دارد که پذیرفته نیست.', OUR_CALL),
  424: words('الگوی پیامک پیدا نشد یا تأیید نشده است.', ACCOUNT),
  426: words('این متد سطح دیگری از سرویس می‌خواهد.', ACCOUNT),
  427: words('این خط سطح دسترسی دیگری می‌خواهد.', ACCOUNT),
  428: words('مقدار الگوی پیامک درست نیست.', OUR_CALL),
  429: words('نشانی این سرور نزد ارائه‌دهنده محدود شده است.', ACCOUNT),
  431: words('ساختار کد با الگو جور نیست.', OUR_CALL),
  432: words('پارامتر کد در الگو نیست.', ACCOUNT),
  450: words('صندوق ایمیل گیرنده اکنون در دسترس نیست.', LATER),
  451: words('ارائه‌دهنده درخواست را به بعد انداخت.', LATER),
  452: words('جای سرور ایمیل گیرنده پر است.', LATER),
  501: words('تنها برای صاحب حساب می‌توان فرستاد.', ACCOUNT),
  550: words('چنین صندوق ایمیلی نیست یا نمی‌پذیرد.', WRONG_ADDRESS),
  551: words('گیرنده از این سرور ایمیل نیست.', WRONG_ADDRESS),
  552: words('صندوق ایمیل گیرنده پر است.', LATER),
  553: words('نشانی ایمیل درست نیست.', WRONG_ADDRESS),
  554: words('سرور ایمیل نامه را رد کرد.', 'علت را از سرور ایمیل بپرسید؛ سپس دوباره بفرستید یا دست بکشید.'),
  604: words('الگو برای این گونه فراخوانی نیست.', OUR_CALL),
  607: words('برچسب درست نیست.', OUR_CALL),
  530: words('سرور ایمیل ورود با نام کاربری می‌خواهد.', ACCOUNT),
  534: words('سرور ایمیل این گونه ورود را نمی‌پذیرد.', ACCOUNT),
  535: words('سرور ایمیل نام کاربری یا گذرواژه را نپذیرفت.', ACCOUNT),
  538: words('سرور ایمیل برای ورود رمزنگاری می‌خواهد.', ACCOUNT),
  EAUTH: words('ورود به سرور ایمیل انجام نشد.', ACCOUNT),
  ECONNECTION: words('ارتباط با سرور ایمیل برقرار نشد یا قطع شد.', ASK),
  ETIMEDOUT: words('سرور ایمیل در مهلت پاسخ نداد.', ASK),
  ESOCKET: words('ارتباط با سرور ایمیل قطع شد.', ASK),
  EENVELOPE: words('سرور ایمیل نشانی را نپذیرفت.', WRONG_ADDRESS),
  EMESSAGE: words('نامه ساخته نشد.', OUR_CALL),
  not_known: words('ارائه‌دهنده نتوانست بگوید پیام به دستش رسیده است یا نه.', ASK),
  no_entry: words('پاسخ ارائه‌دهنده نامی از این پیام نداشت.', ASK),
  deadline: words('پاسخ در مهلت نیامد.', ASK),
  unreadable_answer: words('پاسخ ارائه‌دهنده خواندنی نبود.', ASK),
  answer_too_large: words('پاسخ ارائه‌دهنده بیش از اندازه بزرگ بود.', ASK),
  worker_lost: words('کارگر هنگام فرستادن از کار افتاد.', ASK),
  restored: words(
    'پایگاه داده به لحظه‌ای پیش‌تر برگشت و شاید این هشدار پس از آن لحظه فرستاده شده باشد.',
    'در پنل ارائه‌دهنده یا گزارش سرور ایمیل ببینید پس از آن لحظه چه رفته است؛ رفته‌ها را فرستاده‌شده به شمار آورید و بقیه را دوباره بفرستید.',
  ),
  given_up: words('راهبر از ارسال دست کشید.', LATER),
  cancelled: words('راهبر ارسال‌نشده‌های سامانه مبدأ را لغو کرد.', LATER),
  none: words('هرگز نوبت فرستادنش نشد.', 'علت را در «هدایت» و «وضعیت» برطرف کنید، سپس دوباره بفرستید.'),
};

const BY_STATE: Record<DeadGroup['state'], CauseWords> = {
  failed: words('این کد در مستندات ارائه‌دهنده نیست.', LATER),
  unknown: words('پاسخ خواندنی از ارائه‌دهنده نیامد.', ASK),
  expired: words('آخرین تلاش با این کد پایان یافت و مهلت گذشت.', 'پس از برطرف شدن علت، دوباره بفرستید.'),
};

export const alertCause = ({ cause, state }: Pick<DeadGroup, 'cause' | 'state'>): CauseWords =>
  ALERT_CAUSES[cause] ?? BY_STATE[state];

/** What stands on the record in English, for people: what its code means, or as it stands where nobody told us of the code. */
export const inWords = (code: string | null | undefined, recorded: string | null): string | null =>
  (code && ALERT_CAUSES[code]?.meaning) || recorded;

const TELL_SENDER = 'سامانه مبدأ باید درخواست را درست کند و دوباره بفرستد.';

const REFUSALS: Record<string, CauseWords> = {
  no_service_agreement: words(
    'کارگاه تفاهم‌نامه ابلاغ الکترونیک ندارد.',
    'سامانه مبدأ باید کاغذی ابلاغ کند، یا تفاهم‌نامه ثبت و مکاتبه دوباره فرستاده شود.',
  ),
  unknown_employer: words(
    'کارفرمایی با این کد ملی ثبت نیست.',
    'کارفرما را ثبت کنید؛ سپس سامانه مبدأ دوباره بفرستد.',
  ),
  unknown_workshop: words(
    'کارفرما چنین کارگاهی ندارد.',
    'کارگاه را ثبت کنید؛ سپس سامانه مبدأ دوباره بفرستد.',
  ),
  bad_signature: words(
    'امضای کار صف با متن مکاتبه نمی‌خواند.',
    'کلید و روش امضای سامانه مبدأ را بررسی کنید؛ اگر کار از آنِ آن نیست، کسی به صف دسترسی دارد که نباید.',
  ),
  unauthorized: words('کلید ناشناس یا باطل‌شده بود.', 'به سامانه مبدأ کلید تازه بدهید.'),
  forbidden: words('کلید اجازه فرستادن مکاتبه ندارد.', 'کلیدی با دامنه notices بسازید.'),
  reference_conflict: words(
    'با همین شماره مرجع مکاتبه دیگری پذیرفته شده است.',
    'سامانه مبدأ باید برای محتوای دیگر شماره مرجع دیگری بدهد.',
  ),
  invalid_national_id: words('کد ملی یا شناسه ملی درست نبود.', TELL_SENDER),
  invalid_workshop_code: words('کد کارگاه درست نبود.', TELL_SENDER),
  invalid_mobile: words('شماره موبایل درست نبود.', TELL_SENDER),
  invalid_email: words('نشانی ایمیل درست نبود.', TELL_SENDER),
  link_not_allowed: words('متن پیامک پیوند داشت.', TELL_SENDER),
  sms_text_too_long: words('متن پیامک بلندتر از اندازه بود.', TELL_SENDER),
  invalid_attachment: words('پیوست آن نبود که گفته شده بود.', TELL_SENDER),
  too_large: words('مکاتبه یا پیوست بیش از اندازه بزرگ بود.', TELL_SENDER),
  invalid_request: words('درخواست به شکلی نبود که قرارداد می‌خواهد.', TELL_SENDER),
};

export const refusalCause = (code: string): CauseWords =>
  REFUSALS[code] ?? words('مکاتبه پذیرفته نشد.', TELL_SENDER);

export const CALLBACK_WORDS = words(
  'گزارش تحویلی که با هیچ پیام ما جور نبود.',
  'بررسی کنید نشانی بازخوانی نزد حساب دیگری ثبت نشده باشد؛ سپس رسیدگی‌شده بدانید.',
);

/** Statuses as a delivery report gives them. */
const STATUSES: Record<number, string> = {
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

export const statusName = (status: number): string => STATUSES[status] ?? 'بیرون از مستندات';
