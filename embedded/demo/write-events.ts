import { canonicalJson, type NewEvent } from '../../core/events/events';
import type { Queryable } from '../../core/platform/database';
import { statement } from '../../core/platform/statement';
import type { WrittenAlert } from './write-alerts';
import type { WrittenNotice } from './write-notices';

type PastEvent = NewEvent & { at: Date };

const INSERT_DEMO_EVENTS = statement(
  'insert-demo-events',
  `INSERT INTO events (source_id, type, notice_id, actor, data, at)
   SELECT * FROM unnest(:sourceIds::int[], :types::text[], :noticeIds::uuid[], :actors::text[], :data::json[],
                        :ats::timestamptz[])`,
  {},
);

/** Writes the events of notices and their alerts, the oldest first, each with its own instant. */
export async function writeEvents(
  trx: Queryable,
  notices: WrittenNotice[],
  alerts: WrittenAlert[],
): Promise<void> {
  const events = [
    ...notices.flatMap((notice) => eventsOfNotice(notice, alerts)),
    ...alerts.flatMap(eventsOfAlert),
  ];
  events.sort((a, b) => a.at.getTime() - b.at.getTime());
  await trx.query(INSERT_DEMO_EVENTS, {
    sourceIds: events.map(({ sourceId }) => sourceId),
    types: events.map(({ type }) => type),
    noticeIds: events.map(({ noticeId }) => noticeId),
    actors: events.map(({ actor }) => actor),
    data: events.map(({ data }) => canonicalJson(data)),
    ats: events.map(({ at }) => at),
  });
}

function eventsOfNotice(notice: WrittenNotice, alerts: WrittenAlert[]): PastEvent[] {
  const { id: noticeId, sourceId, sourceCode, acceptedAt, viewedAt } = notice;
  const channels = alerts.filter((alert) => alert.notice === notice).map(({ channel }) => channel);
  const accepted: PastEvent = {
    sourceId,
    noticeId,
    type: 'notice.accepted',
    actor: `source:${sourceCode}`,
    data: { alerts: channels },
    at: acceptedAt,
  };
  if (!viewedAt) return [accepted];
  return [accepted, { sourceId, noticeId, type: 'notice.viewed', actor: 'employer', data: {}, at: viewedAt }];
}

const eventsOfAlert = ({ notice, events }: WrittenAlert): PastEvent[] =>
  events.map((event) => ({ ...event, sourceId: notice.sourceId, noticeId: notice.id }));
