import type { FeedEvent } from '../../client';
import { type CheckResult, countBy, countDuplicates } from './check-result';
import type { Evidence } from './evidence';
import type { Ledger } from './ledger';

/**
 * Checks that the event log is whole: the feed has every event, a follower saw the same events while they happened, and each
 * event is there once.
 */
export function checkEvents(ledger: Ledger, evidence: Evidence): CheckResult {
  const { feed, events } = evidence;
  const repeated = countDuplicates(countBy(feed, ({ seq }) => String(seq)));
  const violations = [
    ...(feed.length >= events ? [] : [`the feed has ${feed.length} events of ${events}`]),
    ...(repeated > 0 ? [`the feed has ${repeated} events twice`] : []),
    ...checkFollowedFeed(ledger.feed, feed),
    ...checkAcceptedEvents(ledger, evidence),
    ...checkAlertEvents(evidence),
    ...checkPermitEvents(ledger, feed),
  ];
  const viewed = countBy(eventsOfType(feed, 'notice.viewed'), noticeOf);
  const unrecorded = evidence.notices.filter(({ id, views }) => (viewed.get(id) ?? 0) !== views);
  if (unrecorded.length > 0) violations.push(`the views of ${unrecorded.length} notices are not in the feed`);
  return { duplicates: 0, lost: 0, violations };
}

const eventsOfType = (feed: FeedEvent[], type: FeedEvent['type']) =>
  feed.filter((event) => event.type === type);
const noticeOf = ({ noticeId }: FeedEvent) => noticeId ?? '';

/** The follower may be behind, but must not have missed an event. */
function checkFollowedFeed(followed: FeedEvent[], whole: FeedEvent[]): string[] {
  const gap = followed.findIndex(({ seq }, i) => seq !== whole[i]?.seq);
  if (followed.length === 0) return ['the feed was not followed'];
  return gap < 0 ? [] : [`the follower of the feed saw another event at ${gap} of ${followed.length}`];
}

function checkAcceptedEvents(ledger: Ledger, { feed, notices }: Evidence): string[] {
  const accepted = countBy(eventsOfType(feed, 'notice.accepted'), noticeOf);
  const stored = notices.filter(({ id }) => accepted.get(id) !== 1);
  const acknowledged = ledger.acknowledged().filter(({ answer }) => accepted.get(answer.id) !== 1);
  const refused = eventsOfType(feed, 'notice.refused');
  return [
    ...(acknowledged.length + stored.length > 0
      ? [
          `${acknowledged.length} acknowledged notices, ${stored.length} stored ones are not accepted once in the feed`,
        ]
      : []),
    ...(refused.length > 0 ? [`${refused.length} notices were refused: ${refused[0]?.data.code}`] : []),
  ];
}

/** Checks that `alert.sent` is there once for each alert a provider accepted, and for no other alert. */
function checkAlertEvents({ feed, alerts }: Evidence): string[] {
  const key = (noticeId: string, channel: unknown) => `${noticeId} ${channel}`;
  const sent = countBy(eventsOfType(feed, 'alert.sent'), (event) => key(noticeOf(event), event.data.channel));
  const wrong = alerts.filter(
    ({ noticeId, channel, outcome }) =>
      (sent.get(key(noticeId, channel)) ?? 0) !== (outcome === 'accepted' ? 1 : 0),
  );
  return wrong.length > 0
    ? [`${wrong.length} alerts have not one alert.sent for each time they were sent`]
    : [];
}

function checkPermitEvents({ permits }: Ledger, feed: FeedEvent[]): string[] {
  return (['permit.issued', 'permit.expired'] as const).flatMap((type) => {
    const counts = countBy(eventsOfType(feed, type), ({ data }) => String(data.permitId));
    const wrong = permits.filter(({ permitId }) => counts.get(permitId) !== 1);
    return wrong.length > 0 ? [`${wrong.length} permits do not have ${type} once in the feed`] : [];
  });
}
