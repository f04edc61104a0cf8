import type { DeadGroup, RefusalGroup, Tally } from '../../../core/desk/dead-letters';
import { toPersianDigits } from '../../../core/text/normalise';
import { CardTable } from '../../frame/card-table';
import { Ltr, When } from '../../frame/text';
import { alertStateName } from '../find/alert-words';
import type { SignedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import { CHANNEL } from '../status/words';
import { CALLBACKS_ADDRESS, groupAddress, refusalsAddress } from './addresses';
import { alertCause, CALLBACK_WORDS, type CauseWords, refusalCause } from './cause-words';

interface ListPageProps {
  operator: SignedInOperator;
  alerts: (DeadGroup & Tally)[];
  refusals: RefusalGroup[];
  callbacks: Tally | null;
}

interface Line extends Tally {
  what: string;
  code: string | null;
  words: CauseWords;
  href: string;
}

/** Everything a person has to look at, by its cause. */
export function ListPage({ operator, alerts, refusals, callbacks }: ListPageProps) {
  const lines: Line[] = [
    ...alerts.map((group) => ({
      ...group,
      what: `${CHANNEL[group.channel]}: ${alertStateName(group.state)}`,
      code: group.cause,
      words: alertCause(group),
      href: groupAddress(group),
    })),
    ...refusals.map((group) => ({
      ...group,
      what: group.code === 'bad_signature' ? 'کار با امضای نادرست' : 'مکاتبه ردشده',
      words: refusalCause(group.code),
      href: refusalsAddress(group.code),
    })),
    ...(callbacks
      ? [{ ...callbacks, what: 'گزارش تحویل', code: null, words: CALLBACK_WORDS, href: CALLBACKS_ADDRESS }]
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

const cellsOf = ({ what, code, words, count, since, href }: Line) => [
  <a key={0} href={href}>
    {what}
  </a>,
  <span key={1}>
    {words.meaning}{' '}
    {code && (
      <small class="none">
        کد <Ltr>{code}</Ltr>
      </small>
    )}
  </span>,
  toPersianDigits(count),
  <When key={3} at={since} time />,
  words.mending,
];
