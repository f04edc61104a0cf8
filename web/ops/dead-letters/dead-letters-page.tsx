import type { DeadAlertGroup } from '../../../core/operator-console/audit-subjects';
import type { GroupSize, RefusalGroup } from '../../../core/operator-console/dead-letters';
import { toPersianDigits } from '../../../core/text/normalise';
import { CardTable } from '../../ui/card-table';
import { Ltr, When } from '../../ui/text';
import { alertStateLabel } from '../labels/alert-labels';
import {
  alertCause,
  type CauseExplanation,
  refusalCause,
  UNMATCHED_CALLBACK_CAUSE,
} from '../labels/cause-labels';
import { CHANNEL_LABELS } from '../labels/domain-labels';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import { CALLBACKS_PATH, groupPath, refusalsPath } from './dead-letter-paths';

interface DeadLettersPageProps {
  operator: SignedInOperator;
  alerts: (DeadAlertGroup & GroupSize)[];
  refusals: RefusalGroup[];
  callbacks: GroupSize | null;
}

interface DeadLetterRow extends GroupSize {
  title: string;
  code: string | null;
  explanation: CauseExplanation;
  href: string;
}

/** The list of everything that waits for a person's decision, one row for each cause. */
export function DeadLettersPage({ operator, alerts, refusals, callbacks }: DeadLettersPageProps) {
  const lines: DeadLetterRow[] = [
    ...alerts.map((group) => ({
      ...group,
      title: `${CHANNEL_LABELS[group.channel]}: ${alertStateLabel(group.state)}`,
      code: group.cause,
      explanation: alertCause(group),
      href: groupPath(group),
    })),
    ...refusals.map((group) => ({
      ...group,
      title: group.code === 'bad_signature' ? 'کار با امضای نادرست' : 'مکاتبه ردشده',
      explanation: refusalCause(group.code),
      href: refusalsPath(group.code),
    })),
    ...(callbacks
      ? [
          {
            ...callbacks,
            title: 'گزارش تحویل',
            code: null,
            explanation: UNMATCHED_CALLBACK_CAUSE,
            href: CALLBACKS_PATH,
          },
        ]
      : []),
  ];
  return (
    <OpsLayout title="مانده‌ها" operator={operator} current="deadLetters">
      <div class="page-head">
        <h1 id="list-title">مانده‌ها</h1>
        <p>
          آنچه بد پایان یافته و کسی باید به آن رسیدگی کند؛ بر پایه علت، با شمار و کاری که آن را درست می‌کند.
        </p>
      </div>
      {lines.length > 0 ? (
        <CardTable
          labelledBy="list-title"
          columns={['چه چیزی', 'علت', 'شمار', 'از', 'چه کار کنید']}
          rows={lines.map((line) => ({ key: line.href, cells: cellsOf(line) }))}
        />
      ) : (
        <div class="card empty">
          <p>چیزی نمانده است.</p>
        </div>
      )}
    </OpsLayout>
  );
}

const cellsOf = ({ title, code, explanation, count, since, href }: DeadLetterRow) => [
  <a key={0} href={href}>
    {title}
  </a>,
  <span key={1}>
    {explanation.meaning}{' '}
    {code && (
      <small class="none">
        کد <Ltr>{code}</Ltr>
      </small>
    )}
  </span>,
  toPersianDigits(count),
  <When key={3} at={since} time />,
  explanation.remedy,
];
