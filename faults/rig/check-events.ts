import type { FeedEvent } from '../../client';
import { type CheckResult, countBy, countDuplicates } from './check-result';
import type { Evidence } from './evidence';
import type { Ledger } from './ledger';

/**
 * The event log is whole: the feed has every event there is, whoever followed it while everything happened saw
 * the same, and each thing that happened is told once.
 */
export function checkEvents(ledger: Ledger, evidence: Evidence): CheckResult {
  const { feed, events } = evidence;
  const repeated = countDuplicates(countBy(feed, ({ seq }) => String(seq)));
  const complaints = [
    ...(feed.length >= events ? [] : [`the feed has ${feed.length} events of ${events}`]),
    ...(repeated > 0 ? [`the feed tells ${repeated} events twice`] : []),
    ...checkFollowedFeed(ledger.feed, feed),
    ...checkAcceptedEvents(ledger, evidence),
    ...checkAlertEvents(evidence),
    ...checkPermitEvents(ledger, feed),
  ];
  const viewed = countBy(eventsOfType(feed, 'notice.viewed'), noticeOf);
  const untold = evidence.notices.filter(({ id, views }) => (viewed.get(id) ?? 0) !== views);
  if (untold.length > 0) complaints.push(`the views of ${untold.length} notices are not in the feed`);
  return { duplicates: 0, lost: 0, violations: complaints };
}

const eventsOfType = (feed: FeedEvent[], type: FeedEvent['type']) =>
  feed.filter((event) => event.type === type);
const noticeOf = ({ noticeId }: FeedEvent) => noticeId ?? '';

/** The one who follows may be behind, and may have missed nothing. */
function checkFollowedFeed(followed: FeedEvent[], whole: FeedEvent[]): string[] {
  const gap = followed.findIndex(({ seq }, i) => seq !== whole[i]?.seq);
  if (followed.length === 0) return ['nobody followed the feed'];
  return gap < 0
    ? []
    : [`whoever followed the feed saw something else at event ${gap} of ${followed.length}`];
}

function checkAcceptedEvents(ledger: Ledger, { feed, notices }: Evidence): string[] {
  const accepted = countBy(eventsOfType(feed, 'notice.accepted'), noticeOf);
  const stored = notices.filter(({ id }) => accepted.get(id) !== 1);
  const told = ledger.acknowledged().filter(({ answer }) => accepted.get(answer.id) !== 1);
  const refused = eventsOfType(feed, 'notice.refused');
  return [
    ...(told.length + stored.length > 0
      ? [
          `${told.length} acknowledged notices, ${stored.length} stored ones are not accepted once in the feed`,
        ]
      : []),
    ...(refused.length > 0 ? [`${refused.length} notices were refused: ${refused[0]?.data.code}`] : []),
  ];
}

/** `alert.sent` once for each alert a provider took, and for no other. */
function checkAlertEvents({ feed, alerts }: Evidence): string[] {
  const key = (noticeId: string, channel: unknown) => `${noticeId} ${channel}`;
  const sent = countBy(eventsOfType(feed, 'alert.sent'), (event) => key(noticeOf(event), event.data.channel));
  const wrong = alerts.filter(
    ({ noticeId, channel, outcome }) =>
      (sent.get(key(noticeId, channel)) ?? 0) !== (outcome === 'accepted' ? 1 : 0),
  );
  return wrong.length > 0 ? [`${wrong.length} alerts are not told as sent just as often as they were`] : [];
}

function checkPermitEvents({ permits }: Ledger, feed: FeedEvent[]): string[] {
  return (['permit.issued', 'permit.expired'] as const).flatMap((type) => {
    const told = countBy(eventsOfType(feed, type), ({ data }) => String(data.permitId));
    const wrong = permits.filter(({ permitId }) => told.get(permitId) !== 1);
    return wrong.length > 0 ? [`${wrong.length} permits are not told once as ${type}`] : [];
  });
}
