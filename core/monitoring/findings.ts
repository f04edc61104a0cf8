import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';

/** Rules about a lasting condition; the observer checks each of them on every round. */
export const STANDING_RULES = [
  'outbox-lag',
  'unknown-age',
  'line-closed',
  'line-paused',
  'credit-low',
  'redis-memory',
  'redis-away',
  'permit-overdue',
  'dead-letters',
  'process-died',
  'database-restored',
] as const;
/** One-off incidents, raised by the process they happen to and shown for an hour. */
export const INCIDENT_RULES = ['worker-rebuilt', 'epoch-changed'] as const;
export const RULES = [...STANDING_RULES, ...INCIDENT_RULES];

export type StandingRule = (typeof STANDING_RULES)[number];
export type IncidentRule = (typeof INCIDENT_RULES)[number];

/** A problem shown to operators. */
export interface Finding {
  rule: StandingRule | IncidentRule;
  /** The queue, line or process the finding is about. */
  subject: string;
  /** Figures rather than words, such as `312 s`: the pages word it. */
  detail: string;
}

export interface StandingFinding extends Finding {
  rule: StandingRule;
}

/** A finding as stored. Its rule may be unknown to this process, when a newer version recorded it. */
export interface OpenFinding extends Omit<Finding, 'rule'> {
  rule: string;
  since: Date;
}

const RECONCILE_FINDINGS = statement<Finding & { change: 'appeared' | 'resolved' }>(
  'reconcile-findings',
  `WITH found AS (
     SELECT * FROM unnest(:rules::text[], :subjects::text[], :details::text[]) AS f(rule, subject, detail)),
   resolved AS (
     DELETE FROM findings x
      WHERE CASE WHEN x.rule = ANY(:incidentRules::text[]) THEN x.since < now() - interval '1 hour'
                 ELSE NOT EXISTS (SELECT 1 FROM found f WHERE f.rule = x.rule AND f.subject = x.subject) END
     RETURNING rule, subject, detail),
   kept AS (
     INSERT INTO findings (rule, subject, detail) SELECT rule, subject, detail FROM found
     ON CONFLICT (rule, subject) DO UPDATE SET detail = EXCLUDED.detail WHERE findings.detail <> EXCLUDED.detail
     RETURNING rule, subject, detail, xmax = 0 AS is_new)
   SELECT rule, subject, detail, 'resolved' AS change FROM resolved
   UNION ALL
   SELECT rule, subject, detail, 'appeared' FROM kept WHERE is_new`,
  { rule: 'text', subject: 'text', detail: 'text', change: 'text' },
);

const LIST_FINDINGS = statement<OpenFinding>(
  'list-findings',
  'SELECT rule, subject, since, detail FROM findings ORDER BY since, rule, subject',
  { rule: 'text', subject: 'text', since: 'timestamptz', detail: 'text' },
);

/** Keeps the open findings. A row exists for as long as its problem does. */
export function createFindings(db: Queryable) {
  return {
    /**
     * Makes `found` the only open findings of the standing rules, and removes incidents older than an hour.
     *
     * @returns the findings that are new, and those that are gone
     */
    async reconcile(found: StandingFinding[]): Promise<{ appeared: Finding[]; resolved: Finding[] }> {
      const changes = await db.query(RECONCILE_FINDINGS, {
        rules: found.map(({ rule }) => rule),
        subjects: found.map(({ subject }) => subject),
        details: found.map(({ detail }) => detail),
        incidentRules: INCIDENT_RULES,
      });
      const changed = (wanted: 'appeared' | 'resolved') =>
        changes.filter(({ change }) => change === wanted).map(({ change: _, ...finding }) => finding);
      return { appeared: changed('appeared'), resolved: changed('resolved') };
    },

    /** Records an incident that happened just now. */
    async raise({ rule, subject, detail }: Finding & { rule: IncidentRule }): Promise<void> {
      await db.query(
        `INSERT INTO findings (rule, subject, detail) VALUES ($1, $2, $3)
         ON CONFLICT (rule, subject) DO UPDATE SET since = now(), detail = EXCLUDED.detail`,
        [rule, subject, detail],
      );
    },

    /** Lists the open findings, the oldest first. */
    list: (): Promise<OpenFinding[]> => db.query(LIST_FINDINGS),
  };
}
