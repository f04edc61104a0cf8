import type { Overview } from '../../../core/operation/overview';
import { FINDING_WORDS, type FindingWords, tellDetail, wordsOf } from './finding-words';
import { subjectName } from './words';

/** Something that is wrong, in the words of whoever has to mend it. */
export interface Trouble extends Pick<FindingWords, 'tone' | 'remedy' | 'way'> {
  title: string;
  detail: string;
  /** Null where nobody noted when it began. */
  since: Date | null;
}

type Finding = Omit<Overview['findings'][number], 'since'> & { since: Date | null };

const ORDER = Object.keys(FINDING_WORDS);

/**
 * Everything that is wrong, the gravest first: what the watchdog found, and what it did not find because it is
 * itself away, or not yet. "All is well" must never mean that nobody looked.
 */
export function troublesOf(overview: Overview): Trouble[] {
  const found: Finding[] = [...overview.findings, ...seenByOurselves(overview)];
  return found
    .filter(({ rule, subject }, i) => i === found.findIndex((f) => f.rule === rule && f.subject === subject))
    .toSorted((a, b) => ORDER.indexOf(a.rule) - ORDER.indexOf(b.rule))
    .map(inWords);
}

/** Seconds after which figures that are taken every few seconds are no longer the present. */
const OLD = 60;

function seenByOurselves({ at, processes, redis, lines, measuredSecondsAgo }: Overview): Finding[] {
  const workers = processes.filter(({ kind }) => kind === 'workers');
  const lastBeat = Math.max(...workers.map(({ beatAt }) => beatAt.getTime()));
  const since = workers.length > 0 ? new Date(lastBeat) : null;
  const dead = !workers.some(({ alive }) => alive);
  return [
    ...(dead ? [{ rule: 'no-workers', subject: '', since, detail: '' }] : []),
    ...(isOld(measuredSecondsAgo) ? [notMeasured(at, measuredSecondsAgo)] : []),
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

const isOld = (secondsAgo: number | null): boolean => secondsAgo === null || secondsAgo > OLD;

const notMeasured = (at: Date, secondsAgo: number | null): Finding => ({
  rule: 'not-measured',
  subject: '',
  since: secondsAgo === null ? null : new Date(at.getTime() - secondsAgo * 1_000),
  detail: secondsAgo === null ? '' : `${Math.round(secondsAgo)} s`,
});

function inWords({ rule, subject, since, detail }: Finding): Trouble {
  const words = wordsOf(rule);
  const { tone, title, remedy, way } = words;
  return { tone, title: title(subjectName(subject)), detail: tellDetail(words, detail), since, remedy, way };
}
