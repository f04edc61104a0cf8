import type { FastifyPluginAsync } from 'fastify';
import type { ComponentChildren } from 'preact';
import { type AuditEntry, createAudit } from '../../core/operators/audit';
import { Refusal } from '../../core/platform/errors';
import { toPersianDigits } from '../../core/text/normalise';
import { CardTable } from '../ui/card-table';
import { sendPage } from '../ui/send-page';
import { Ltr, When } from '../ui/text';
import { ACTION_LABELS, AUDIT_OUTCOME_LABELS } from './labels/audit-labels';
import { requireOperator, type SignedInOperator } from './operator-session';
import type { OpsDependencies } from './ops-dependencies';
import { OpsLayout } from './ops-layout';

const PAGE_ROWS = 50;

const AUDIT_OUTCOME_TONES: Record<AuditEntry['outcome'], string> = {
  done: 'good',
  refused: 'bad',
  overtaken: 'caution',
};

/** Serves `/ops/audit`, the actions and attempts of operators, newest first. Viewers may read it too. */
export const auditRoutes =
  ({ db }: Pick<OpsDependencies, 'db'>): FastifyPluginAsync =>
  async (app) => {
    const audit = createAudit(db);
    app.get('/ops/audit', async (request, reply) => {
      const operator = requireOperator(request);
      const before = parseCursor(request.query as Record<string, unknown>);
      const entries = await audit.latest(PAGE_ROWS + 1, before);
      return sendPage(reply, <AuditPage operator={operator} entries={entries} hasNewer={before !== null} />);
    });
  };

/** Returns the entry id that the requested page begins below; null for the newest page. */
function parseCursor({ before }: Record<string, unknown>): string | null {
  if (before === undefined) return null;
  if (typeof before === 'string' && /^\d{1,18}$/.test(before)) return before;
  throw new Refusal('invalid_request', 'This is no place in the record.');
}

interface AuditPageProps {
  operator: SignedInOperator;
  /** The entries of the page, and one more if an older page exists. */
  entries: AuditEntry[];
  /** Whether a newer page exists. */
  hasNewer: boolean;
}

const AuditPage = ({ operator, entries, hasNewer }: AuditPageProps) => {
  const page = entries.slice(0, PAGE_ROWS);
  const older = entries.length > PAGE_ROWS ? page.at(-1)?.id : undefined;
  return (
    <OpsLayout title="کارنامه" operator={operator} current="audit">
      <div class="page-head">
        <h1 id="audit-title">کارنامه</h1>
        <p>هر کاری که راهبران کرده‌اند یا خواسته‌اند بکنند. هیچ سطری از آن تغییر نمی‌کند و پاک نمی‌شود.</p>
      </div>
      {page.length > 0 ? (
        <CardTable
          labelledBy="audit-title"
          columns={COLUMNS}
          rows={page.map((entry) => ({ key: entry.id, cells: cellsOf(entry) }))}
        />
      ) : (
        <div class="card empty">
          <p>سطر دیگری نیست.</p>
        </div>
      )}
      {(hasNewer || older) && (
        <nav class="pages" aria-label="صفحه‌های کارنامه">
          {hasNewer && (
            <a class="button quiet" href="/ops/audit">
              تازه‌ترین‌ها
            </a>
          )}
          {older && (
            <a class="button quiet" rel="next" href={`/ops/audit?before=${older}`}>
              قدیمی‌ترها
            </a>
          )}
        </nav>
      )}
    </OpsLayout>
  );
};

const COLUMNS = ['زمان', 'چه کسی', 'چه کاری', 'درباره', 'دلیل', 'نتیجه', 'شمار'] as const;

const cellsOf = (entry: AuditEntry): ComponentChildren[] => [
  <When key={0} at={entry.at} time />,
  <OperatorCell key={1} entry={entry} />,
  ACTION_LABELS[entry.action],
  <Ltr key={3}>{entry.subject}</Ltr>,
  entry.reason && <bdi key={4}>{entry.reason}</bdi>,
  <span key={5} class={`badge ${AUDIT_OUTCOME_TONES[entry.outcome]}`}>
    {AUDIT_OUTCOME_LABELS[entry.outcome]}
  </span>,
  entry.touched > 0 && toPersianDigits(entry.touched),
];

/** The operator of an entry. A refused sign-in has none: the typed name may be a password. */
const OperatorCell = ({ entry }: { entry: AuditEntry }) =>
  entry.role === 'none' ? <span class="none">ناشناس</span> : <Ltr>{entry.operator}</Ltr>;
