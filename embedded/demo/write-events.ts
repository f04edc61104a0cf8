import { canonicalJson, type NewEvent } from '../../core/events/events';
import type { Queryable } from '../../core/platform/database';
import type { WrittenAlert } from './write-alerts';
import type { WrittenNotice } from './write-notices';

type PastEvent = NewEvent & { at: Date };

/** Writes the record of what happened to notices and their alerts, the oldest first, each at its own instant. */
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
  await trx.query(
    `INSERT INTO events (source_id, type, notice_id, actor, data, at)
     SELECT * FROM unnest($1::int[], $2::text[], $3::uuid[], $4::text[], $5::json[], $6::timestamptz[])`,
    [
      events.map(({ sourceId }) => sourceId),
      events.map(({ type }) => type),
      events.map(({ noticeId }) => noticeId),
      events.map(({ actor }) => actor),
      events.map(({ data }) => canonicalJson(data)),
      events.map(({ at }) => at),
    ],
  );
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
