import type { Queryable } from '../platform/database';

/** What the watchdog looks for. */
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
/** What is told of by whoever it happens to, and stays visible for an hour. */
export const INCIDENT_RULES = ['worker-rebuilt', 'epoch-changed'] as const;
export const RULES = [...STANDING_RULES, ...INCIDENT_RULES];

export type StandingRule = (typeof STANDING_RULES)[number];
export type IncidentRule = (typeof INCIDENT_RULES)[number];

export interface Finding {
  rule: StandingRule | IncidentRule;
  /** What it is about: a queue, a line, a process. */
  subject: string;
  /** In figures rather than words, such as `312 s`. */
  detail: string;
}

export interface OpenFinding extends Finding {
  since: Date;
}

/** What is wrong right now; a row goes when it is right again. */
export function createFindings(db: Queryable) {
  return {
    /**
     * Makes `found` all there is of the standing rules, and lets what passes pass.
     *
     * @returns what was not there before, and what is no longer there
     */
    async reconcile(
      found: (Finding & { rule: StandingRule })[],
    ): Promise<{ appeared: Finding[]; over: Finding[] }> {
      const changes = await db.query<Finding & { change: 'appeared' | 'over' }>(RECONCILE_SQL, [
        found.map(({ rule }) => rule),
        found.map(({ subject }) => subject),
        found.map(({ detail }) => detail),
        INCIDENT_RULES,
      ]);
      const those = (wanted: string) =>
        changes.filter(({ change }) => change === wanted).map(({ change: _, ...finding }) => finding);
      return { appeared: those('appeared'), over: those('over') };
    },

    /** Tells of something that happened just now. */
    async raise({ rule, subject, detail }: Finding & { rule: IncidentRule }): Promise<void> {
      await db.query(
        `INSERT INTO findings (rule, subject, detail) VALUES ($1, $2, $3)
         ON CONFLICT (rule, subject) DO UPDATE SET since = now(), detail = EXCLUDED.detail`,
        [rule, subject, detail],
      );
    },

    /** The oldest first. */
    async list(): Promise<OpenFinding[]> {
      return db.query<OpenFinding & Record<string, unknown>>(
        'SELECT rule, subject, since, detail FROM findings ORDER BY since, rule, subject',
      );
    },
  };
}

const RECONCILE_SQL = `
  WITH found AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS f(rule, subject, detail)),
  over AS (
    DELETE FROM findings x
     WHERE CASE WHEN x.rule = ANY($4) THEN x.since < now() - interval '1 hour'
                ELSE NOT EXISTS (SELECT 1 FROM found f WHERE f.rule = x.rule AND f.subject = x.subject) END
    RETURNING rule, subject, detail),
  kept AS (
    INSERT INTO findings (rule, subject, detail) SELECT rule, subject, detail FROM found
    ON CONFLICT (rule, subject) DO UPDATE SET detail = EXCLUDED.detail WHERE findings.detail <> EXCLUDED.detail
    RETURNING rule, subject, detail, xmax = 0 AS is_new)
  SELECT rule, subject, detail, 'over' AS change FROM over
  UNION ALL
  SELECT rule, subject, detail, 'appeared' FROM kept WHERE is_new`;
