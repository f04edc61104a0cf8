import type { Overview } from '../../../core/monitoring/overview';
import { subjectLabel } from '../labels/domain-labels';
import { FINDING_LABELS, type FindingLabels, findingLabels, formatDetail } from '../labels/finding-labels';

/** A finding as the page shows it, in Persian. */
export interface FindingView extends Pick<FindingLabels, 'tone' | 'remedy' | 'link'> {
  title: string;
  detail: string;
  /** The start of the problem; null where it is unknown. */
  since: Date | null;
}

type RawFinding = Omit<Overview['findings'][number], 'since'> & { since: Date | null };

const SEVERITY_ORDER = Object.keys(FINDING_LABELS);

/**
 * Returns everything that is wrong, most severe first: the watchdog's findings, and the problems that the overview
 * itself shows, in case the watchdog is down or has not run yet. "All is well" must never mean that nothing was checked.
 */
export function findingViews(overview: Overview): FindingView[] {
  const found: RawFinding[] = [...overview.findings, ...derivedFindings(overview)];
  return found
    .filter(({ rule, subject }, i) => i === found.findIndex((f) => f.rule === rule && f.subject === subject))
    .toSorted((a, b) => SEVERITY_ORDER.indexOf(a.rule) - SEVERITY_ORDER.indexOf(b.rule))
    .map(toFindingView);
}

/** The workers measure every few seconds; older figures do not describe the present. */
const STALE_AFTER_SECONDS = 60;

function derivedFindings({ at, processes, redis, lines, measuredSecondsAgo }: Overview): RawFinding[] {
  const workers = processes.filter(({ kind }) => kind === 'workers');
  const lastBeat = Math.max(...workers.map(({ beatAt }) => beatAt.getTime()));
  const since = workers.length > 0 ? new Date(lastBeat) : null;
  const dead = !workers.some(({ alive }) => alive);
  return [
    ...(dead ? [{ rule: 'no-workers', subject: '', since, detail: '' }] : []),
    ...(isStale(measuredSecondsAgo) ? [notMeasuredFinding(at, measuredSecondsAgo)] : []),
    ...(redis?.away ? [{ rule: 'redis-away', subject: 'redis', since: null, detail: '' }] : []),
    ...lines
      .filter(({ brokenUntil }) => brokenUntil !== null)
      .map(({ name }) => ({ rule: 'line-broken', subject: name, since: null, detail: '' })),
    ...lines
      .filter(({ state }) => state !== 'open')
      .map(({ name, state, code, reason, ...line }) => ({
        rule: `line-${state}`,
        subject: name,
        since: line.since,
        detail: [code, reason].filter(Boolean).join(': '),
      })),
  ];
}

const isStale = (secondsAgo: number | null): boolean =>
  secondsAgo === null || secondsAgo > STALE_AFTER_SECONDS;

const notMeasuredFinding = (at: Date, secondsAgo: number | null): RawFinding => ({
  rule: 'not-measured',
  subject: '',
  since: secondsAgo === null ? null : new Date(at.getTime() - secondsAgo * 1_000),
  detail: secondsAgo === null ? '' : `${Math.round(secondsAgo)} s`,
});

function toFindingView({ rule, subject, since, detail }: RawFinding): FindingView {
  const labels = findingLabels(rule);
  const { tone, title, remedy, link } = labels;
  return {
    tone,
    title: title(subjectLabel(subject)),
    detail: formatDetail(labels, detail),
    since,
    remedy,
    link,
  };
}
