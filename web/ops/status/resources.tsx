import type { Overview } from '../../../core/monitoring/overview';
import { eventLabel, PROCESS_LABELS } from '../labels/domain-labels';
import { formatBytes, formatElapsed, formatNumber, formatShare } from '../labels/format';
import { Bar, Panel, type PanelProps, Table } from './panel';

/** A share of Redis' memory or PostgreSQL's connections beyond which somebody should look. */
const HIGH_FILL_SHARE = 0.7;

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

export const Resources = ({ overview }: PanelProps) => (
  <Panel id="resources" title="منابع">
    <dl class="resources">
      <Redis redis={overview.redis} />
      <Resource
        name="اتصال‌های PostgreSQL"
        value={`${formatNumber(overview.postgres.connections)} از ${formatNumber(overview.postgres.maxConnections)}`}
        filled={overview.postgres.connections / (overview.postgres.maxConnections || 1)}
      />
      <Resource
        name="مجوزهایی که تا یک روز پایان می‌یابند"
        value={formatNumber(overview.permits.endingWithinDay)}
      />
      <Resource name="مجوزهای گذشته که هنوز بسته نشده‌اند" value={formatNumber(overview.permits.overdue)} />
    </dl>
  </Panel>
);

function Redis({ redis }: Pick<Overview, 'redis'>) {
  if (!redis) return <Resource name="Redis" value="در کار نیست؛ BullMQ روی PostgreSQL است" />;
  if (redis.away) return <Resource name="Redis" value="پاسخ نمی‌دهد" />;
  const { usedBytes, maxBytes } = redis;
  return (
    <Resource
      name="حافظه Redis"
      value={maxBytes ? `${formatBytes(usedBytes)} از ${formatBytes(maxBytes)}` : formatBytes(usedBytes)}
      {...(maxBytes && { filled: usedBytes / maxBytes })}
    />
  );
}

/** @param props.filled from 0 to 1, of what is limited */
const Resource = ({ name, value, filled }: { name: string; value: string; filled?: number }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      {value} {filled !== undefined && <small>({formatShare(filled)})</small>}
    </dd>
    {filled !== undefined && (
      <dd class="meter">
        <Bar filled={filled} tone={filled > HIGH_FILL_SHARE ? 'caution' : undefined} />
      </dd>
    )}
  </div>
);

export const Events = ({ overview: { events } }: PanelProps) => (
  <Panel id="events" title="رویدادهای یک ساعت گذشته">
    {events.length > 0 ? (
      <dl class="events">
        {events.map(({ type, count }) => (
          <div key={type}>
            <dt>{eventLabel(type)}</dt>
            <dd>{formatNumber(count)}</dd>
          </div>
        ))}
      </dl>
    ) : (
      <p class="hint">در یک ساعت گذشته رویدادی نبوده است.</p>
    )}
  </Panel>
);
