import type { Database, Queryable } from '../platform/database';
import { Refusal } from '../platform/errors';
import { isUuid } from '../text/uuid';
import type { Operator } from './operators';

/** What can be done to the running system by a person, and what of a person's can be uncovered. */
export const ACTIONS = [
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'unmask',
  'resend',
  'count-as-sent',
  'give-up',
  'deal-with',
  'pause',
  'resume',
  'open-line',
  'change-rate',
  'cancel',
  'queue-board',
] as const;
export type Action = (typeof ACTIONS)[number];

export interface AuditEntry {
  id: string;
  at: Date;
  operator: string;
  role: string;
  action: Action;
  /** What it was about: an alert's or a notice's id, a line, a lane, a cause. Never a personal datum. */
  subject: string;
  reason: string | null;
  outcome: 'done' | 'refused' | 'overtaken';
  touched: number;
}

export type NewAuditEntry = Omit<AuditEntry, 'id' | 'at'> & { requestId?: string | undefined };

/** What became of an action: how many things it touched; none means that they had changed meanwhile. */
export interface ActionResult {
  outcome: 'done' | 'overtaken';
  touched: number;
}

export interface RequestedAction {
  actor: Pick<Operator, 'name' | 'role'>;
  action: Action;
  subject: string;
  reason: string;
  /** Names the showing of the form it came from. */
  requestId: string;
}

/** The record of what operators did, or tried to. Append-only. */
export function createAudit(db: Queryable) {
  return {
    async record(entry: NewAuditEntry): Promise<void> {
      await db.query(
        `INSERT INTO audit (operator, role, action, subject, reason, outcome, touched, request_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          entry.operator,
          entry.role,
          entry.action,
          entry.subject,
          entry.reason,
          entry.outcome,
          entry.touched,
          entry.requestId ?? null,
        ],
      );
    },

    /** The latest entries before an id, newest first. */
    async latest(limit: number, before: string | null = null): Promise<AuditEntry[]> {
      return db.query<AuditEntry & Record<string, unknown>>(
        `SELECT id, at, operator, role, action, subject, reason, outcome, touched
           FROM audit WHERE id < coalesce($2::bigint, 9223372036854775807) ORDER BY id DESC LIMIT $1`,
        [limit, before],
      );
    },

    /** The latest entries about any of these, newest first. */
    async about(subjects: string[], limit: number): Promise<AuditEntry[]> {
      return db.query<AuditEntry & Record<string, unknown>>(
        `SELECT id, at, operator, role, action, subject, reason, outcome, touched
           FROM audit WHERE subject = ANY($1::text[]) ORDER BY id DESC LIMIT $2`,
        [subjects, limit],
      );
    },

    /** What became of a request; null when there is none of this id. */
    async ofRequest(requestId: string): Promise<AuditEntry | null> {
      const [entry] = await db.query<AuditEntry & Record<string, unknown>>(
        `SELECT id, at, operator, role, action, subject, reason, outcome, touched
           FROM audit WHERE request_id = $1`,
        [requestId],
      );
      return entry ?? null;
    },
  };
}

/**
 * Does what an operator asked for, and puts it on the record, in one transaction. The same request again, one
 * that was sent twice, does nothing and is answered like the first.
 *
 * @param work does it, and returns how many things it touched; 0 when they had changed meanwhile
 * @throws Refusal `invalid_request` for a request id that is none of ours
 */
export async function performAudited(
  db: Database,
  { actor, action, subject, reason, requestId }: RequestedAction,
  work: (trx: Queryable) => Promise<number>,
): Promise<ActionResult> {
  if (!isUuid(requestId)) throw new Refusal('invalid_request', 'The form was not made here.');
  return db.transaction(async (trx) => {
    await trx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [requestId]);
    const [earlier] = await trx.query<ActionResult & Record<string, unknown>>(
      'SELECT outcome, touched FROM audit WHERE request_id = $1',
      [requestId],
    );
    if (earlier) return { outcome: earlier.outcome, touched: earlier.touched };
    const touched = await work(trx);
    const outcome = touched > 0 ? 'done' : 'overtaken';
    const { name: operator, role } = actor;
    await createAudit(trx).record({ operator, role, action, subject, reason, outcome, touched, requestId });
    return { outcome, touched };
  });
}
