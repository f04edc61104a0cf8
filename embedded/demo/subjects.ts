import type { Lane } from '../../core/platform/queues';

export interface DemoSource {
  code: string;
  title: string;
  /** The beginning of each of its references. */
  prefix: string;
}

/** The internal systems of the demo. */
export const DEMO_SOURCES = {
  RECORDS: { code: 'RECORDS', title: 'سابقه', prefix: 'DEMO-HR' },
  INSPECTION: { code: 'INSPECTION', title: 'بازرسی از دفاتر قانونی', prefix: 'DEMO-BI' },
} as const satisfies Record<string, DemoSource>;

/** A file that comes with a notice: its name and its type. */
export interface DemoAttachment {
  fileName: string;
  contentType: 'application/pdf' | 'image/png';
}

/** One kind of notice that a system serves. */
export interface DemoSubject {
  source: keyof typeof DEMO_SOURCES;
  subject: string;
  kind: string;
  priority: Lane;
  /** The system's own text; the configured text is sent when it is null. */
  smsText: string | null;
  /** The files that come with each notice of the kind. */
  attachments?: readonly DemoAttachment[];
  /** The share of the notices that are of this kind, relative to the others. */
  weight: number;
}

export const DEMO_SUBJECTS: readonly DemoSubject[] = [
  {
    source: 'RECORDS',
    subject: 'اعلام سابقه',
    kind: 'record-declaration',
    priority: 'normal',
    smsText: null,
    weight: 6,
  },
  {
    source: 'RECORDS',
    subject: 'فرم شماره ۱',
    kind: 'form-1',
    priority: 'normal',
    smsText: null,
    attachments: [{ fileName: 'فرم شماره ۱.pdf', contentType: 'application/pdf' }],
    weight: 5,
  },
  {
    source: 'RECORDS',
    subject: 'درخواست ارائه مدارک سابقه',
    kind: 'record-documents',
    priority: 'normal',
    smsText: 'کارفرمای گرامی، درخواستی برای ارائه مدارک سابقه در صندوق مکاتبات شما ثبت شد.',
    weight: 2,
  },
  {
    source: 'RECORDS',
    subject: 'اصلاح سابقه بیمه‌شده',
    kind: 'record-correction',
    priority: 'bulk',
    smsText: null,
    weight: 2,
  },
  {
    source: 'RECORDS',
    subject: 'یادآوری ارسال فهرست ماهانه',
    kind: 'monthly-list-reminder',
    priority: 'bulk',
    smsText: 'کارفرمای گرامی، یادآوری ارسال فهرست این ماه در صندوق مکاتبات شماست.',
    weight: 3,
  },
  {
    source: 'INSPECTION',
    subject: 'اعلام بازرسی از دفاتر قانونی',
    kind: 'inspection-announcement',
    priority: 'urgent',
    smsText: null,
    weight: 2,
  },
  {
    source: 'INSPECTION',
    subject: 'درخواست ارائه دفاتر و اسناد مالی',
    kind: 'books-request',
    priority: 'normal',
    smsText: null,
    weight: 3,
  },
  {
    source: 'INSPECTION',
    subject: 'اخطار ارائه نکردن دفاتر قانونی',
    kind: 'books-warning',
    priority: 'urgent',
    smsText:
      'کارفرمای گرامی، اخطاری درباره دفاتر قانونی کارگاه در صندوق مکاتبات شما ثبت شد. لطفاً بی‌درنگ آن را ببینید.',
    weight: 1,
  },
  {
    source: 'INSPECTION',
    subject: 'گزارش بازرسی از دفاتر قانونی',
    kind: 'inspection-report',
    priority: 'normal',
    smsText: null,
    attachments: [
      { fileName: 'گزارش بازرسی.pdf', contentType: 'application/pdf' },
      { fileName: 'تصویر گزارش.png', contentType: 'image/png' },
    ],
    weight: 2,
  },
  {
    source: 'INSPECTION',
    subject: 'اعلامیه بدهی',
    kind: 'debt-notice',
    priority: 'normal',
    smsText: null,
    attachments: [{ fileName: 'اعلامیه بدهی.pdf', contentType: 'application/pdf' }],
    weight: 2,
  },
];

/** The kinds of notice in the records of the legacy portal. */
export const LEGACY_SUBJECTS: readonly DemoSubject[] = DEMO_SUBJECTS.filter(({ kind }) =>
  ['form-1', 'record-declaration', 'books-request'].includes(kind),
);
