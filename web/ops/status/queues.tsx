import { QUEUE_LABELS } from '../labels/domain-labels';
import { formatAge, formatNumber } from '../labels/format';
import { Panel, type PanelProps, Table } from './panel';

/** The due work of each queue and its age: in PostgreSQL, and the share of it that is already in BullMQ. */
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
              {QUEUE_LABELS[queue]} {held.has(queue) && <span class="badge accent">مکث</span>}
            </>
          ),
          cells: [
            formatNumber(waiting),
            waiting > 0 ? formatAge(oldestSeconds) : formatNumber(null),
            formatNumber(jobs),
          ],
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
