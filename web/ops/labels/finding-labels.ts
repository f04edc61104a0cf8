import type { RULES } from '../../../core/monitoring/findings';
import { describeCause } from './cause-labels';
import { codeLabel } from './domain-labels';
import { formatDuration, formatNumber } from './format';

/** The texts of a finding and its remedy, in Persian. */
export interface FindingLabels {
  tone: 'bad' | 'caution';
  /** @param subject the label of the line, queue or process concerned */
  title: (subject: string) => string;
  /** Explains the figures in the finding's detail; absent where the detail is a message from outside. */
  detail?: (...figures: number[]) => string;
  remedy: string;
  /** The page where an operator can act, if one exists. */
  link: readonly [href: string, text: string] | null;
}

const STEERING_LINK = ['/ops/steering', 'هدایت'] as const;
const DEAD_LETTERS_LINK = ['/ops/dead-letters', 'مانده‌ها'] as const;
const QUEUES_LINK = ['/ops/queues', 'صف‌ها'] as const;

type Rule = (typeof RULES)[number] | 'no-workers' | 'not-measured' | 'line-broken';

/** Labels by rule. The page shows findings in this order, most severe first. */
export const FINDING_LABELS: Record<Rule, FindingLabels> = {
  'no-workers': {
    tone: 'bad',
    title: () => 'هیچ کارگری زنده نیست',
    remedy: 'مکاتبات پذیرفته می‌شوند، ولی چیزی فرستاده نمی‌شود. فرایند کارگرها را راه بیندازید.',
    link: null,
  },
  'not-measured': {
    tone: 'bad',
    title: () => 'رقم‌های صف‌ها و منابع کهنه است',
    detail: (seconds) =>
      seconds === undefined ? 'هنوز سنجیده نشده' : `${formatDuration(seconds)} پیش سنجیده شده`,
    remedy: 'کسی نمی‌سنجد، پس شاید همه نادرستی‌ها در این فهرست نباشد. فرایند کارگرها را از نو راه بیندازید.',
    link: null,
  },
  'database-restored': {
    tone: 'bad',
    title: () => 'پایگاه داده از نسخه پشتیبان برگشته یا جابه‌جا شده است',
    remedy:
      'تا کسی نگوید چه چیزی از دست رفته، هیچ پیامی فرستاده نمی‌شود تا چیزی دو بار نرود. فرمان ablagh restored را چنان که در docs/operation.md آمده اجرا کنید.',
    link: null,
  },
  'redis-away': {
    tone: 'bad',
    title: () => 'Redis پاسخ نمی‌دهد',
    remedy:
      'چیزی گم نمی‌شود: کارها در PostgreSQL می‌مانند و با بازگشت Redis خودبه‌خود ادامه می‌یابند. Redis را برگردانید.',
    link: null,
  },
  'line-closed': {
    tone: 'bad',
    title: (line) => `خط ${line} بسته است`,
    remedy: 'هشدارهای این خط منتظر می‌مانند. علت را نزد ارائه‌دهنده برطرف کنید، سپس خط را باز کنید:',
    link: STEERING_LINK,
  },
  'line-paused': {
    tone: 'bad',
    title: (line) => `خط ${line} موقتاً بسته است`,
    remedy:
      'هشدارهای این خط منتظر می‌مانند. اگر اعتبار تمام شده است حساب را شارژ کنید؛ خط خودبه‌خود باز می‌شود.',
    link: STEERING_LINK,
  },
  'line-broken': {
    tone: 'bad',
    title: (line) => `خط ${line} پی‌درپی شکست خورد`,
    remedy:
      'ارسال با آن نگه داشته شده و خودبه‌خود با یک پیام آزموده می‌شود. اگر برنگشت، از ارائه‌دهنده یا شبکه بپرسید:',
    link: STEERING_LINK,
  },
  'outbox-lag': {
    tone: 'bad',
    title: (queue) => `«${queue}» عقب مانده است`,
    detail: (seconds = 0, due = 0) =>
      `کهنه‌ترین کار ${formatDuration(seconds)} است که سررسیده؛ ${formatNumber(due)} کار در انتظار`,
    remedy: 'ببینید کارگرها زنده‌اند و ارائه‌دهنده پاسخ می‌دهد؛ اگر سقف سرعت پایین است آن را بالا ببرید:',
    link: STEERING_LINK,
  },
  'process-died': {
    tone: 'bad',
    title: (process) => `${process} بی‌خبر خاموش شد`,
    remedy: 'کارهایش را دیگران برمی‌دارند. اگر خودبه‌خود از نو راه نیفتاده است، آن را راه بیندازید.',
    link: null,
  },
  'redis-memory': {
    tone: 'bad',
    title: () => 'حافظه Redis رو به پر شدن است',
    detail: (share = 0) => `${formatNumber(share)}٪ پر است`,
    remedy: 'ببینید کدام صف انباشته است، یا حافظه بیشتری به Redis بدهید:',
    link: QUEUES_LINK,
  },
  'credit-low': {
    tone: 'caution',
    title: (line) => `اعتبار خط ${line} رو به پایان است`,
    detail: (rials = 0) => `${formatNumber(rials)} ریال مانده است`,
    remedy: 'حساب را نزد ارائه‌دهنده شارژ کنید، پیش از آن که ارسال بایستد.',
    link: null,
  },
  'unknown-age': {
    tone: 'caution',
    title: () => 'سرنوشت هشدارهایی دیر است که نامعلوم مانده',
    detail: (seconds = 0) => `کهنه‌ترین ${formatDuration(seconds)}`,
    remedy: 'آنچه از ارائه‌دهنده پرسیدنی است پیوسته پرسیده می‌شود؛ درباره بقیه تصمیم بگیرید:',
    link: DEAD_LETTERS_LINK,
  },
  'permit-overdue': {
    tone: 'caution',
    title: () => 'مجوزهایی گذشته‌اند و هنوز بسته نشده‌اند',
    detail: (count = 0) => `${formatNumber(count)} مجوز`,
    remedy: 'با آنها چیزی باز نمی‌شود؛ ولی ببینید صف «پایان مجوزها» کار می‌کند:',
    link: QUEUES_LINK,
  },
  'worker-rebuilt': {
    tone: 'caution',
    title: (queue) => `کارگر «${queue}» از کار برداشتن مانده بود و از نو ساخته شد`,
    remedy: 'اکنون کاری لازم نیست. اگر باز پیش آمد، فرایند کارگرها را از نو راه بیندازید.',
    link: QUEUES_LINK,
  },
  'epoch-changed': {
    tone: 'caution',
    title: () => 'Redis خالی شده یا عوض شده بود',
    remedy:
      'همه کارهای مانده از PostgreSQL دوباره به صف رفتند. اگر کسی Redis را عمداً خالی نکرده است، علت را بیابید.',
    link: QUEUES_LINK,
  },
  'dead-letters': {
    tone: 'caution',
    title: () => 'هشدارهایی منتظر تصمیم شماست',
    detail: (count = 0) => `${formatNumber(count)} هشدار`,
    remedy: 'بازفرستادن یا کنار گذاشتن، دسته‌دسته بر پایه علت:',
    link: DEAD_LETTERS_LINK,
  },
};

const hasLabels = (rule: string): rule is Rule => rule in FINDING_LABELS;

/** Returns the labels of a rule. An unknown rule is shown by its name, because a hidden finding would look like a healthy system. */
export const findingLabels = (rule: string): FindingLabels =>
  hasLabels(rule)
    ? FINDING_LABELS[rule]
    : { tone: 'caution', title: (subject) => `${rule}: ${subject}`, remedy: '', link: null };

/** Formats the detail line of a finding. */
export function formatDetail({ detail: explain }: FindingLabels, detail: string): string {
  if (explain) return explain(...(detail.match(/\d+/g) ?? []).map(Number));
  const [, code, message = ''] = /^(\w+)(?:: (.*))?$/s.exec(detail) ?? [];
  if (!code) return detail;
  return [codeLabel(code), describeCause(code, message)].filter(Boolean).join(': ');
}
