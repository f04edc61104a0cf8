import type { ComponentChildren } from 'preact';
import type { InboxRow } from '../../core/inbox/list-notices';
import { localMobile } from '../../core/text/identifiers';
import { toPersianDigits } from '../../core/text/normalise';
import { CardTable } from '../ui/card-table';
import { Ltr, Mailbox, When } from '../ui/text';
import { ActionsMenu, type ExternalUrls } from './actions-menu';
import { InquirableUntil } from './inquirable-until';
import { Passcode } from './passcode';

/** The columns of the inbox, from right to left. */
const COLUMNS = [
  'شماره پیگیری',
  'تاریخ ارسال',
  'سیستم',
  'موضوع',
  'کد ملی',
  'موبایل',
  'ایمیل',
  'تاریخ مشاهده',
  'مشاهده شده',
  'قابل استعلام تا',
  'کد رمز',
  'عملیات',
] as const;

const COLUMN_CLASSES: Partial<Record<(typeof COLUMNS)[number], string>> = {
  'شماره پیگیری': 'number',
  'تاریخ ارسال': 'number',
  'کد ملی': 'number',
  موبایل: 'number',
  ایمیل: 'clip',
  'تاریخ مشاهده': 'number',
  عملیات: 'actions-cell',
};

interface NoticeTableProps {
  rows: InboxRow[];
  nationalId: string;
  externalUrls: ExternalUrls;
  decryptPasscode(cipher: Buffer): string;
}

export const NoticeTable = ({ rows, ...rest }: NoticeTableProps) => (
  <CardTable
    labelledBy="list-title"
    class="notices"
    columns={COLUMNS}
    cellClasses={COLUMN_CLASSES}
    rows={rows.map((row) => ({
      key: row.id,
      class: row.firstViewedAt || row.legacy ? undefined : 'unviewed',
      cells: cellsOf(row, rest),
    }))}
  />
);

const cellsOf = (
  row: InboxRow,
  { nationalId, externalUrls, decryptPasscode }: Omit<NoticeTableProps, 'rows'>,
): ComponentChildren[] => [
  <Ltr key={0}>{toPersianDigits(row.trackingNumber)}</Ltr>,
  <SentAt key={1} row={row} />,
  row.sourceTitle,
  <Subject key={3} row={row} />,
  <Ltr key={4}>{toPersianDigits(nationalId)}</Ltr>,
  row.mobile && <Ltr key={5}>{toPersianDigits(localMobile(row.mobile))}</Ltr>,
  row.email && <Mailbox key={6} address={row.email} />,
  row.firstViewedAt && <When key={7} at={row.firstViewedAt} />,
  row.firstViewedAt && <Viewed key={8} />,
  <InquirableUntil key={9} permit={row.permit} />,
  row.permit?.cipher && <Passcode key={10} passcode={decryptPasscode(row.permit.cipher)} />,
  <ActionsMenu key={11} row={row} externalUrls={externalUrls} />,
];

function SentAt({ row }: { row: InboxRow }) {
  if (row.sentAt) return <When at={row.sentAt} />;
  // This system knows no alerts of the legacy portal.
  if (row.legacy) return <When at={row.registeredAt} />;
  return <span class="none">{row.alertPending ? 'در انتظار ارسال' : 'ارسال نشد'}</span>;
}

const Subject = ({ row }: { row: InboxRow }) => (
  <>
    <bdi class="subject">{row.subject}</bdi>
    {row.legacy && <small class="none">سامانه قبلی</small>}
  </>
);

const Viewed = () => (
  <>
    <span class="tick" aria-hidden="true">
      ✓
    </span>
    <span class="visually-hidden">مشاهده شده</span>
  </>
);
