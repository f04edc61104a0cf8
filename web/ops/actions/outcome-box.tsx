import type { FastifyRequest } from 'fastify';
import { type AuditEntry, createAudit } from '../../../core/operators/audit';
import type { Queryable } from '../../../core/platform/database';
import { toPersianDigits } from '../../../core/text/normalise';
import { isUuid } from '../../../core/text/uuid';
import { MessageBox } from '../../ui/content';
import { ACTION_LABELS } from '../labels/audit-labels';

/** Reads the audit entry of the action that led to this page (`?done=…`); null when the page was opened directly. */
export async function readActionOutcome(db: Queryable, request: FastifyRequest): Promise<AuditEntry | null> {
  const { done } = request.query as Record<string, unknown>;
  return typeof done === 'string' && isUuid(done) ? createAudit(db).ofRequest(done) : null;
}

export function OutcomeBox({ entry }: { entry: AuditEntry | null }) {
  if (!entry) return null;
  const name = ACTION_LABELS[entry.action];
  if (entry.outcome === 'done') {
    return (
      <MessageBox tone="good">
        <p>
          {name}: انجام شد و ثبت شد ({toPersianDigits(entry.touched)} مورد).
        </p>
      </MessageBox>
    );
  }
  return (
    <MessageBox tone="caution">
      <p>{name}: چیزی انجام نشد، چون آنچه دیده بودید در این میان تغییر کرده بود. این تلاش ثبت شد.</p>
    </MessageBox>
  );
}
