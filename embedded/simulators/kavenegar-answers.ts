import type { SmsRecord } from './kavenegar-store';

/** Texts of the return codes the simulator gives, in the service's own words. */
const RETURN_MESSAGES: Record<number, string> = {
  200: 'تایید شد',
  400: 'پارامترها ناقص هستند',
  401: 'حساب کاربری غیرفعال شده است',
  402: 'عملیات ناموفق بود',
  403: 'کد شناسائی API-Key معتبر نمی‌باشد',
  404: 'متد نامشخص است',
  407: 'دسترسی به اطلاعات مورد نظر برای شما امکان پذیر نیست',
  409: 'سرور قادر به پاسخگوئی نیست بعدا تلاش کنید',
  411: 'دریافت کننده نامعتبر است',
  412: 'ارسال کننده نامعتبر است',
  413: 'پیام خالی است و یا طول پیام بیش از حد مجاز می‌باشد',
  414: 'حجم درخواست بیشتر از حد مجاز است',
  418: 'اعتبار حساب شما کافی نیست',
  419: 'طول آرایه متن و گیرنده و فرستنده هم اندازه نیست',
  424: 'الگوی مورد نظر پیدا نشد',
  429: 'آی پی مبدا محدود شده است',
  431: 'ساختار کد صحیح نمی‌باشد',
  451: 'فراخوانی بیش از حد در بازه زمانی مشخص',
};

const STATUS_TEXTS: Record<number, string> = {
  1: 'در صف ارسال',
  4: 'ارسال شده به مخابرات',
  10: 'رسیده به گیرنده',
  11: 'نرسیده به گیرنده',
  14: 'بلاک شده است',
  100: 'شناسه پیامک نامعتبر است',
};

/** The service refuses a call: the return code is also the HTTP status. */
export class CallRefused extends Error {
  constructor(readonly status: number) {
    super(`refused with ${status}`);
  }
}

/** Makes the JSON body that answers every call. */
export const answerBody = (status: number, entries: unknown): string =>
  JSON.stringify({ return: { status, message: RETURN_MESSAGES[status] ?? 'خطا' }, entries });

/** Makes the entry of one message in the answer to a send. */
export const sendEntry = (sms: SmsRecord, status: number) => ({
  messageid: sms.id,
  message: sms.text,
  status,
  statustext: STATUS_TEXTS[status],
  sender: sms.sender,
  receptor: sms.receptor,
  date: Math.floor(sms.at / 1000),
  cost: sms.cost,
});

/** Makes the entry of one message in the answer to sms/status. */
export const statusEntry = (messageid: number, status: number) => ({
  messageid,
  status,
  statustext: STATUS_TEXTS[status],
});

/** Makes the entry of one message in the answer to sms/statuslocalmessageid. An unknown localid has the message id 0. */
export const localStatusEntry = (localid: string, messageid: number, status: number) => ({
  messageid,
  localid,
  status,
  statustext: STATUS_TEXTS[status],
});
