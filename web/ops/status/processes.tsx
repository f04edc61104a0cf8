import { PROCESS_LABELS } from '../labels/domain-labels';
import { formatElapsed } from '../labels/format';
import { Panel, type PanelProps, Table } from './panel';

/** The processes of the API and the workers, with their last heartbeat. */
export const Processes = ({ overview: { processes, at } }: PanelProps) => (
  <Panel id="processes" title="فرایندها">
    <Table
      caption="فرایندهایی که کار می‌کنند"
      wide
      heads={['فرایند', 'کجا', 'روشن است', 'آخرین نشانه']}
      rows={processes.map(({ kind, host, pid, startedAt, beatAt, alive }) => ({
        name: (
          <>
            {PROCESS_LABELS[kind]}{' '}
            <span class={`badge ${alive ? 'good' : 'bad'}`}>{alive ? 'زنده' : 'خاموش'}</span>
          </>
        ),
        cells: [
          <bdi key="place" dir="ltr">
            {host}:{pid}
          </bdi>,
          formatElapsed(startedAt, at),
          `${formatElapsed(beatAt, at)} پیش`,
        ],
        tone: alive ? undefined : ('bad' as const),
      }))}
    />
  </Panel>
);
