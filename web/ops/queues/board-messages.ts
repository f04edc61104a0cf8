import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface MessageTree {
  [name: string]: string | MessageTree;
}

/** bull-board's messages in Persian, by bull-board's own keys. Missing keys belong to features that this board does not show. */
export const BOARD_MESSAGES: MessageTree = {
  LOADING: 'در حال خواندن…',
  MENU: {
    OVERVIEW: 'همه صف‌ها',
    QUEUES: 'صف‌ها',
    SEARCH_INPUT_PLACEHOLDER: 'جستجوی صف',
    PAUSED: 'ایستاده',
    EXPAND_ALL: 'باز کردن همه گروه‌ها',
    COLLAPSE_ALL: 'بستن همه گروه‌ها',
    EXPAND_SIDEBAR: 'باز کردن فهرست',
    COLLAPSE_SIDEBAR: 'بستن فهرست',
  },
  DASHBOARD: {
    JOBS_COUNT_one: '{{count}} کار',
    JOBS_COUNT: '{{count}} کار',
    EMPTY_STATE: 'صفی برای نمایش نیست.',
    EMPTY_STATE_FILTERED: 'هیچ صفی کاری در این وضعیت ندارد.',
    SORTING: {
      TITLE: 'ترتیب',
      FAILED: 'کارهای ناموفق',
      DELAYED: 'کارهای زمان‌دار',
      WAITING: 'کارهای منتظر',
      ACTIVE: 'کارهای در دست',
      COMPLETED: 'کارهای انجام‌شده',
      ALPHABETICAL: 'به ترتیب نام',
    },
    VIEW: { TITLE: 'نمایش', FLAT: 'یک‌جا', GROUPED: 'گروه‌بندی‌شده' },
  },
  JOB: {
    DELAY_CHANGED: '*زمان آن عوض شده و هنوز روشن نیست کی اجرا می‌شود',
    NOT_FOUND: 'این کار یافت نشد',
    STATUS: 'وضعیت: {{status}}',
    ADDED_AT: 'به صف آمد',
    WILL_RUN_AT: 'اجرا می‌شود در',
    DELAYED_FOR: 'با تأخیر',
    PROCESS_STARTED_AT: 'آغاز شد',
    PROCESSED_BY: 'به دست {{processedBy}}',
    FAILED_AT: 'ناموفق شد',
    FINISHED_AT: 'پایان یافت',
    ATTEMPTS: 'تلاش {{attempts}}',
    DIAGNOSTICS: {
      PRIORITY: 'اولویت {{priority}}',
      STALLED: '{{times}} بار رها شد',
      ATTEMPTS_STARTED: '{{starts}} بار آغاز شد',
    },
    DURATION: { SECS: '{{duration}} ثانیه', MILLI_SECS: '{{duration}} میلی‌ثانیه' },
    SHOW_DATA_BTN: 'نمایش داده',
    SHOW_PROGRESS_BTN: 'نمایش پیشرفت',
    SHOW_OPTIONS_BTN: 'نمایش تنظیم‌ها',
    SHOW_ERRORS_BTN: 'نمایش خطاها',
    NA: '—',
    NO_PROGRESS: 'پیشرفتی ثبت نشده است',
    NO_ERRORS: 'خطایی ثبت نشده است',
    NO_LOGS: 'یادداشتی نیست',
    LOGS: { FILTER_PLACEHOLDER: 'جستجو' },
    ACTIONS: {
      PROMOTE: 'هم‌اکنون اجرا شود',
      RETRY: 'دوباره اجرا شود',
      CONFIRM: {
        PROMOTE: 'این کار بی‌درنگ اجرا شود؟',
        RETRY: 'این کار دوباره اجرا شود؟',
      },
    },
    TABS: {
      DEFAULT: 'پیش‌فرض',
      DATA: 'داده',
      PROGRESS: 'پیشرفت',
      OPTIONS: 'تنظیم‌ها',
      LOGS: 'یادداشت‌ها',
      ERROR: 'خطا',
      TIMELINE: 'گذشته',
    },
  },
  QUEUE: {
    NOT_FOUND: 'این صف یافت نشد',
    EMPTY_STATE: 'در این صف کاری با این وضعیت نیست.',
    ACTIONS: {
      RETRY_ALL: 'همه دوباره اجرا شوند',
      PROMOTE_ALL: 'همه هم‌اکنون اجرا شوند',
      CLEAN_ALL: 'پاک کردن همه',
      PAUSE: 'نگه داشتن',
      RESUME: 'ادامه',
      EMPTY: 'خالی کردن',
      ADD_JOB: 'افزودن کار',
      CONFIRM: {
        RETRY_ALL: 'همه این کارها دوباره اجرا شوند؟',
        PROMOTE_ALL: 'همه کارهای زمان‌دار بی‌درنگ اجرا شوند؟',
        CLEAN_ALL: 'همه این کارها پاک شوند؟',
        PAUSE_QUEUE: 'این صف نگه داشته شود؟',
        RESUME_QUEUE: 'این صف به کار خود ادامه دهد؟',
        EMPTY_QUEUE: 'این صف خالی شود؟',
      },
    },
    STATUS: {
      ALL: 'همه',
      LATEST: 'تازه‌ترین',
      ACTIVE: 'در دست',
      WAITING: 'منتظر',
      'WAITING-CHILDREN': 'منتظر زیرکارها',
      PRIORITIZED: 'اولویت‌دار',
      COMPLETED: 'انجام‌شده',
      FAILED: 'ناموفق',
      DELAYED: 'زمان‌دار',
      PAUSED: 'ایستاده',
    },
    INFO: {
      TITLE: 'درباره صف',
      OVERVIEW: 'نگاه کلی',
      NAME: 'نام',
      DISPLAY_NAME: 'نام نمایشی',
      TYPE: 'نوع',
      STATE: 'حالت',
      RUNNING: 'در کار',
      PAUSED: 'ایستاده',
      READ_ONLY: 'فقط برای دیدن',
      RETRIES: 'اجرای دوباره',
      GLOBAL_CONCURRENCY: 'کار همزمان',
      RATE_LIMIT: 'سقف سرعت',
      WORKERS: 'کارگرها',
      DELIMITER: 'جداکننده گروه',
      TOTAL_JOBS: 'همه کارها',
      DEFAULTS: 'تنظیم‌های کارها',
      DESCRIPTION: 'شرح',
      NOT_SET: 'تعیین نشده',
      YES: 'بله',
      NO: 'خیر',
    },
    WORKERS: {
      TITLE: 'کارگرهای متصل',
      NONE: 'بی‌کارگر',
      NONE_TOOLTIP: 'کسی از این صف برنمی‌دارد',
      CONNECTED: 'متصل از {{since}}',
      EMPTY: 'کسی از این صف برنمی‌دارد.',
      EMPTY_HINT: 'ببینید فرایند کارگرها روشن است و به همین Redis وصل است.',
      EMPTY_PAUSED: 'این صف ایستاده است و کارگری نمی‌خواهد.',
    },
  },
  CONFIRM: { DEFAULT_TITLE: 'مطمئن هستید؟', CONFIRM_BTN: 'بله', CANCEL_BTN: 'انصراف' },
  MODAL: { CLOSE_BTN: 'بستن' },
  SETTINGS: {
    TITLE: 'تنظیم‌ها',
    LANGUAGE: 'زبان',
    POLLING_INTERVAL: 'فاصله تازه شدن',
    POLLING_OPTIONS: {
      OFF: 'خاموش',
      SECS: '{{count}} ثانیه',
      MINS: '{{count}} دقیقه',
      MINS_one: '{{count}} دقیقه',
    },
    DEFAULT_JOB_TAB: 'برگه نخست هر کار',
    JOBS_PER_PAGE: 'کار در هر صفحه (۱ تا ۵۰)',
    CONFIRM_QUEUE_ACTIONS: 'پرسیدن پیش از کار با صف',
    CONFIRM_JOB_ACTIONS: 'پرسیدن پیش از کار با یک کار',
    USE_COLLAPSIBLE_JSON: 'نمایش تاشوی JSON',
    COLLAPSE_JOB: 'بستن کار',
    COLLAPSE_JOB_DATA: 'بستن داده کار',
    COLLAPSE_JOB_PROGRESS: 'بستن پیشرفت کار',
    COLLAPSE_JOB_OPTIONS: 'بستن تنظیم‌های کار',
    COLLAPSE_JOB_ERROR: 'بستن خطای کار',
    DEFAULT_COLLAPSE_DEPTH: 'عمق باز بودن JSON (۰ تا ۱۰)',
    SORT_QUEUES: 'چیدن صف‌ها به ترتیب نام',
    THEME: 'رنگ‌ها',
    THEME_OPTIONS: { SYSTEM: 'مانند دستگاه', LIGHT: 'روشن', DARK: 'تیره' },
    SHOW_ENV_BADGE: 'نمایش نشان محیط',
    SECTIONS: { GENERAL: 'همگانی', QUEUES: 'صف‌ها', JOBS: 'کارها' },
    GROUP_QUEUES: 'گروه‌بندی صف‌ها',
    GROUP_QUEUES_HELP: 'صف‌ها را بر پایه نامشان در بخش‌هایی می‌آورد که باز و بسته می‌شوند.',
  },
  CLIPBOARD: { COPY_FAILED: 'رونوشت برداشته نشد.' },
  ERRORS: {
    FORBIDDEN: 'اجازه ندارید',
    INTERNAL_SERVER_ERROR: 'خطای سرور',
    JOB_NOT_FOUND: 'این کار یافت نشد',
    QUEUE_NOT_FOUND: 'این صف یافت نشد',
    QUEUE_READ_ONLY: 'این صف فقط برای دیدن است',
  },
};

const LOCALES_DIR = join(require.resolve('@bull-board/ui/package.json'), '../dist/static/locales');

/**
 * Returns the messages that bull-board loads. bull-board has twelve languages without Persian and falls back to
 * English, so the Persian messages take the place of the English ones.
 */
export function boardMessages(): MessageTree {
  const english: MessageTree = JSON.parse(readFileSync(join(LOCALES_DIR, 'en-US/messages.json'), 'utf8'));
  return overrideMessages(english, BOARD_MESSAGES);
}

const overrideMessages = (old: MessageTree, ours: MessageTree): MessageTree =>
  Object.fromEntries(
    Object.entries(old).map(([name, message]) => {
      const own = ours[name];
      if (typeof message === 'string' || typeof own === 'string') return [name, own ?? message];
      return [name, own ? overrideMessages(message, own) : message];
    }),
  );
