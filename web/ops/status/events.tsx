import { eventLabel } from '../labels/domain-labels';
import { formatNumber } from '../labels/format';
import { Panel, type PanelProps } from './panel';

/** The events of the last hour, by type. */
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
