import type { Action, AuditEntry } from '../../../core/operators/audit';

export const ACTION_LABELS: Record<Action, string> = {
  'signed-in': 'ورود',
  'sign-in-refused': 'ورود ناموفق',
  'signed-out': 'خروج',
  unmask: 'آشکار کردن داده شخصی',
  resend: 'ارسال دوباره',
  'count-as-sent': 'به حساب آوردن به عنوان ارسال‌شده',
  'give-up': 'دست کشیدن از ارسال',
  'deal-with': 'رسیدگی شد',
  pause: 'نگه داشتن ارسال',
  resume: 'از سر گرفتن ارسال',
  'open-line': 'باز کردن خط',
  'change-rate': 'تغییر نرخ ارسال',
  cancel: 'لغو ارسال‌نشده‌ها',
  'queue-board': 'کار روی صف‌ها',
};

export const AUDIT_OUTCOME_LABELS: Record<AuditEntry['outcome'], string> = {
  done: 'انجام شد',
  refused: 'پذیرفته نشد',
  overtaken: 'پیش از آن تغییر کرده بود',
};
