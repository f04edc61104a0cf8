import { age, number } from './figures';
import { Panel, type PanelProps, Table } from './panel';
import { QUEUE } from './words';

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
