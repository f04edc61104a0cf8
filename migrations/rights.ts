import type { ClientBase } from 'pg';

/**
 * Group roles, one for each kind of process and one for systems that push into the queue on PostgreSQL. None can
 * log in: an administrator makes the logins and puts each into the role of its process. Who migrates owns the
 * tables, and needs none of these.
 */
export const DATABASE_ROLES = ['ablagh_api', 'ablagh_workers', 'ablagh_senders'] as const;
export type DatabaseRole = (typeof DATABASE_ROLES)[number];

/** What the API and the workers may do with a table; absent means nothing. Systems that push have no part in any. */
interface Rights {
  api?: string;
  workers?: string;
}

const ALL_RIGHTS = 'SELECT, INSERT, UPDATE, DELETE';

/**
 * Every table of ours, and no more than its processes do. A table without a row here fails a test. Where a
 * column list stands, the rest of the row stays as it was written. `ctid` is where a row lies, and tells nothing of it.
 */
export const TABLE_RIGHTS: Record<string, Rights> = {
  knex_migrations: {},
  knex_migrations_lock: {},
  source_systems: { api: 'SELECT', workers: 'SELECT' },
  api_keys: { api: 'SELECT', workers: 'SELECT' },
  employers: { api: 'SELECT, INSERT, UPDATE', workers: 'SELECT' },
  workshops: { api: ALL_RIGHTS, workers: 'SELECT' },
  notices: { api: 'SELECT, INSERT', workers: 'SELECT, INSERT, UPDATE (first_viewed_at)' },
  attachments: { api: 'SELECT, INSERT', workers: 'SELECT, INSERT, UPDATE (removed_at)' },
  refusals: { api: 'SELECT, INSERT, UPDATE (dealt_with_at)', workers: 'INSERT' },
  events: { api: 'SELECT, INSERT', workers: 'SELECT, INSERT' },
  outbox: { api: ALL_RIGHTS, workers: ALL_RIGHTS },
  restores: { api: 'SELECT', workers: 'SELECT' },
  queue_epoch: { workers: 'SELECT, INSERT, UPDATE' },
  alerts: {
    api: 'SELECT, INSERT, UPDATE (state, reason, sent_at, expires_at)',
    workers: 'SELECT, INSERT, UPDATE',
  },
  attempts: {
    api: 'SELECT',
    workers: 'SELECT, INSERT, UPDATE (settled_at, outcome, code, provider_message_id, parts, cost, detail)',
  },
  dead_alerts: { api: 'SELECT, UPDATE, DELETE', workers: ALL_RIGHTS },
  sms_callbacks: {
    api: 'SELECT, INSERT, UPDATE (dealt_with_at)',
    workers: 'SELECT, UPDATE (matched), DELETE',
  },
  lines: { api: 'SELECT, UPDATE', workers: 'SELECT, INSERT, UPDATE' },
  lane_pauses: { api: 'SELECT, INSERT, DELETE', workers: 'SELECT' },
  views: { api: 'SELECT, INSERT', workers: 'SELECT' },
  permits: {
    api: 'SELECT, INSERT, UPDATE (state, ended_at, passcode_cipher, first_inquired_at)',
    workers:
      'SELECT (id, notice_id, source_id, employer_id, state, issued_at, expires_at, ended_at), UPDATE (state, ended_at, passcode_cipher)',
  },
  inquiries: { api: 'SELECT, INSERT', workers: 'SELECT (id, at, address), UPDATE (address, address_group)' },
  inquiry_locks: { api: 'SELECT, INSERT, UPDATE', workers: 'SELECT (locked_until, ctid), DELETE' },
  sessions: { api: 'SELECT, INSERT, UPDATE', workers: 'SELECT (used_at, ctid), DELETE' },
  login_codes: {
    api: 'SELECT, INSERT, UPDATE',
    workers: 'SELECT, UPDATE (local_id, mobile, code_cipher, provider_message_id), DELETE',
  },
  operators: { api: 'SELECT' },
  operator_tries: { api: ALL_RIGHTS },
  operator_sessions: { api: 'SELECT, INSERT, UPDATE', workers: 'SELECT (used_at, ctid), DELETE' },
  audit: { api: 'SELECT, INSERT' },
  traffic: { api: 'SELECT, INSERT, UPDATE', workers: ALL_RIGHTS },
  measurements: { api: 'SELECT', workers: 'SELECT, INSERT, UPDATE' },
  observer: { workers: ALL_RIGHTS },
  processes: { api: ALL_RIGHTS, workers: ALL_RIGHTS },
  findings: { api: 'SELECT', workers: ALL_RIGHTS },
};

/** Sequences that are drawn from by name. */
export const SEQUENCE_RIGHTS: Record<string, Rights> = {
  tracking_numbers: { api: 'USAGE', workers: 'USAGE' },
  attempt_ids: { workers: 'USAGE' },
};

/**
 * Gives the group roles that exist their rights, and takes away whatever else they had. Safe to run twice, and
 * without any of the roles: whoever owns the tables then uses them as before.
 *
 * @returns the roles that exist
 */
export async function grantRights(client: ClientBase): Promise<DatabaseRole[]> {
  const { rows } = await client.query<{ rolname: DatabaseRole }>(
    'SELECT rolname FROM pg_roles WHERE rolname = ANY($1)',
    [DATABASE_ROLES],
  );
  const present = DATABASE_ROLES.filter((role) => rows.some(({ rolname }) => rolname === role));
  // One text is one transaction: nobody is without rights meanwhile.
  if (present.length > 0) await client.query(present.map(roleStatements).join('\n'));
  return present;
}

/** BullMQ's tables have no owner among the processes: whoever works on the queue may work on all of it. */
const queueGrants = (role: DatabaseRole) => `
  GRANT USAGE ON SCHEMA bullmq TO ${role};
  GRANT ${ALL_RIGHTS} ON ALL TABLES IN SCHEMA bullmq TO ${role};
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA bullmq TO ${role};`;

const roleStatements = (role: DatabaseRole): string => `
  REVOKE ALL ON ${Object.keys(TABLE_RIGHTS).join(', ')} FROM ${role};
  REVOKE ALL ON SEQUENCE ${Object.keys(SEQUENCE_RIGHTS).join(', ')} FROM ${role};
  REVOKE ALL ON ALL TABLES IN SCHEMA bullmq FROM ${role};
  ${queueGrants(role)}
  ${role === 'ablagh_senders' ? '' : `GRANT USAGE ON SCHEMA public TO ${role};`}
  ${grantStatements(role, '', TABLE_RIGHTS)}
  ${grantStatements(role, 'SEQUENCE ', SEQUENCE_RIGHTS)}`;

function grantStatements(role: DatabaseRole, kind: string, all: Record<string, Rights>): string {
  return Object.entries(all)
    .map(([name, rights]) => [name, rightsFor(role, rights)] as const)
    .filter(([, rights]) => rights)
    .map(([name, rights]) => `GRANT ${rights} ON ${kind}${name} TO ${role};`)
    .join('\n');
}

/** What a role may do, as `GRANT` wants to be told. */
export const rightsFor = (role: DatabaseRole, { api, workers }: Rights): string | undefined =>
  ({ ablagh_api: api, ablagh_workers: workers, ablagh_senders: undefined })[role];
