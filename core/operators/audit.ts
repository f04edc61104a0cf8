import type { Database, Queryable } from '../platform/database';
import { Refusal } from '../platform/errors';
import { type Columns, statement } from '../platform/statement';
import { isUuid } from '../text/uuid';
import type { Operator } from './operators';

/** Everything an operator can do that goes on record; `unmask` shows personal data. */
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
  /** The thing acted on: the id of an alert or a notice, a line, a lane, a cause. Never personal data. */
  subject: string;
  reason: string | null;
  /** `overtaken`: its subject had changed meanwhile, so nothing was done. */
  outcome: 'done' | 'refused' | 'overtaken';
  /** How many things it changed. */
  touched: number;
}

export type NewAuditEntry = Omit<AuditEntry, 'id' | 'at'> & { requestId?: string | null };

/** The result of an action. `touched` is 0 when its subject had changed meanwhile: then it is `overtaken`. */
export interface ActionResult {
  outcome: Exclude<AuditEntry['outcome'], 'refused'>;
  touched: number;
}

export interface RequestedAction {
  actor: Pick<Operator, 'name' | 'role'>;
  action: Action;
  subject: string;
  reason: string;
  /** Identifies one rendering of the form, so that a form sent twice acts once. */
  requestId: string;
}

const RECORD_AUDIT_ENTRY = statement(
  'record-audit-entry',
  `INSERT INTO audit (operator, role, action, subject, reason, outcome, touched, request_id)
   VALUES (:operator, :role, :action, :subject, :reason, :outcome, :touched, :requestId)`,
  {},
);

const SELECT_ENTRIES = 'SELECT id, at, operator, role, action, subject, reason, outcome, touched FROM audit';
const ENTRY_COLUMNS: Columns<AuditEntry> = {
  id: 'int8',
  at: 'timestamptz',
  operator: 'text',
  role: 'text',
  action: 'text',
  subject: 'text',
  reason: 'text?',
  outcome: 'text',
  touched: 'int4',
};

const LATEST_AUDIT_ENTRIES = statement<AuditEntry>(
  'latest-audit-entries',
  `${SELECT_ENTRIES} WHERE id < coalesce(:before::bigint, 9223372036854775807) ORDER BY id DESC LIMIT :limit`,
  ENTRY_COLUMNS,
);

const AUDIT_ENTRIES_ABOUT = statement<AuditEntry>(
  'audit-entries-about',
  `${SELECT_ENTRIES} WHERE subject = ANY(:subjects::text[]) ORDER BY id DESC LIMIT :limit`,
  ENTRY_COLUMNS,
);

const AUDIT_ENTRY_OF_REQUEST = statement<AuditEntry>(
  'audit-entry-of-request',
  `${SELECT_ENTRIES} WHERE request_id = :requestId`,
  ENTRY_COLUMNS,
);

const RESULT_OF_REQUEST = statement<ActionResult>(
  'result-of-request',
  'SELECT outcome, touched FROM audit WHERE request_id = :requestId',
  { outcome: 'text', touched: 'int4' },
);

/** The append-only record of the operators' actions, refused ones included. */
export function createAudit(db: Queryable) {
  return {
    async record({ requestId = null, ...entry }: NewAuditEntry): Promise<void> {
      await db.query(RECORD_AUDIT_ENTRY, { ...entry, requestId });
    },

    /** Lists the latest entries, newest first. @param before an entry's id: only older entries are listed */
    latest: (limit: number, before: string | null = null): Promise<AuditEntry[]> =>
      db.query(LATEST_AUDIT_ENTRIES, { limit, before }),

    /** Lists the latest entries about any of the subjects, newest first. */
    about: (subjects: string[], limit: number): Promise<AuditEntry[]> =>
      db.query(AUDIT_ENTRIES_ABOUT, { subjects, limit }),

    /** Returns the entry of a request, or null when there is none. */
    async ofRequest(requestId: string): Promise<AuditEntry | null> {
      const [entry] = await db.query(AUDIT_ENTRY_OF_REQUEST, { requestId });
      return entry ?? null;
    },
  };
}

/**
 * Performs an action and records it, in one transaction. A request that comes a second time does nothing and gets the
 * first result.
 *
 * @param work performs the action and returns how many things it changed; 0 when its subject had changed meanwhile
 * @throws Refusal `invalid_request` when the request id is not a UUID
 */
export async function performAudited(
  db: Database,
  { actor, action, subject, reason, requestId }: RequestedAction,
  work: (trx: Queryable) => Promise<number>,
): Promise<ActionResult> {
  if (!isUuid(requestId)) throw new Refusal('invalid_request', 'The form was not made here.');
  return db.transaction(async (trx) => {
    await trx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [requestId]);
    const [earlier] = await trx.query(RESULT_OF_REQUEST, { requestId });
    if (earlier) return earlier;
    const touched = await work(trx);
    const outcome = touched > 0 ? 'done' : 'overtaken';
    const { name: operator, role } = actor;
    await createAudit(trx).record({ operator, role, action, subject, reason, outcome, touched, requestId });
    return { outcome, touched };
  });
}
