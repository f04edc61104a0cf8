import type { Overview } from '../../../core/operation/overview';
import { LANES } from '../../../core/platform/queues';
import { age, number, seconds, share } from './figures';
import { GOOD_SHARE } from './key-figures';
import { Bar, Panel, type PanelProps, Table } from './panel';
import { LANE, QUEUE } from './words';

/** From the acceptance of a notice until the provider has its alert. */
export const Handover = ({ overview: { handover } }: PanelProps) => (
  <Panel id="handover" title="از پذیرش تا سپردن به ارائه‌دهنده (ثانیه)">
    <Table
      caption="زمان سپردن در یک ساعت گذشته"
      heads={['صف', 'تا ۱۰ ثانیه', 'میانه', 'صدک ۹۵', 'صدک ۹۹', 'شمار']}
      rows={LANES.map((lane) =>
        rowOf(
          handover.find((one) => one.lane === lane),
          LANE[lane],
        ),
      )}
    />
  </Panel>
);

function rowOf(lane: Overview['handover'][number] | undefined, name: string) {
  const { count = 0, p50 = null, p95 = null, p99 = null, within10s = null } = lane ?? {};
  const slow = within10s !== null && within10s < GOOD_SHARE;
  return {
    name,
    cells: [
      <span key="share" class={slow ? 'slow' : undefined}>
        {share(within10s)}{' '}
        {within10s !== null && <Bar filled={within10s} tone={slow ? 'caution' : undefined} />}
      </span>,
      seconds(p50),
      seconds(p95),
      seconds(p99),
      number(count),
    ],
    tone: count === 0 ? ('idle' as const) : undefined,
  };
}

/** What waits where, and for how long: in PostgreSQL, and of that already in BullMQ. */
export function Queues({ overview: { queues, pauses } }: PanelProps) {
  const held = new Set(pauses.map(({ channel, lane }) => `${channel}-${lane}`));
  return (
    <Panel id="queues" title="صف‌ها">
      <Table
        caption="کارهای در انتظار هر صف"
        heads={['صف', 'سررسیده', 'کهنه‌ترین', 'در BullMQ']}
        rows={queues.map(({ queue, waiting, oldestSeconds, jobs }) => ({
          name: (
            <>
              {QUEUE[queue]} {held.has(queue) && <span class="badge accent">مکث</span>}
            </>
          ),
          cells: [number(waiting), waiting > 0 ? age(oldestSeconds) : number(null), number(jobs)],
          tone:
            waiting === 0 && !jobs
              ? ('idle' as const)
              : oldestSeconds > 60
                ? ('caution' as const)
                : undefined,
        }))}
      />
    </Panel>
  );
}
