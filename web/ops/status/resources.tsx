import type { Overview } from '../../../core/monitoring/overview';
import { formatBytes, formatNumber, formatShare } from '../labels/format';
import { Bar, Panel, type PanelProps } from './panel';

/** The share of Redis' memory or PostgreSQL's connections above which the bar warns. */
const HIGH_FILL_SHARE = 0.7;

/** Redis' memory, PostgreSQL's connections and the permits that are about to end. */
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

/** @param props.filled the used share of a limited resource, from 0 to 1 */
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
