import type { ClientBase } from 'pg';
import { createQueryable } from '../core/platform/database';
import { statement } from '../core/platform/statement';

/**
 * Group roles, one for each kind of process, and one for systems that push into the queue on PostgreSQL. They cannot log in: an
 * administrator creates the logins and adds each to the role of its process. The login that migrates owns the tables, and needs no
 * role.
 */
export const DATABASE_ROLES = ['ablagh_api', 'ablagh_workers', 'ablagh_senders'] as const;
export type DatabaseRole = (typeof DATABASE_ROLES)[number];

/** The rights of the API and the workers on a table; absent means none. Systems that push have none on any table. */
interface Rights {
  api?: string;
  workers?: string;
}

const ALL_RIGHTS = 'SELECT, INSERT, UPDATE, DELETE';

/**
 * The rights on every table: no more than the processes use. A table without an entry fails a test. A right with a list of columns
 * protects all other columns. `ctid` is the place of a row, and reveals nothing of its content.
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

/** The rights on sequences that statements use by name. */
export const SEQUENCE_RIGHTS: Record<string, Rights> = {
  tracking_numbers: { api: 'USAGE', workers: 'USAGE' },
  attempt_ids: { workers: 'USAGE' },
};

/**
 * Grants the existing group roles their rights, and revokes all others. Safe to run twice, and without any of the roles: the owner of
 * the tables uses them then.
 *
 * @returns the existing roles
 */
export async function grantRights(client: ClientBase): Promise<DatabaseRole[]> {
  const present = await listRoles(client);
  // One text is one transaction: no role is without rights meanwhile.
  if (present.length > 0) await client.query(present.map(roleStatements).join('\n'));
  return present;
}

const LIST_ROLES = statement<{ name: string }>(
  'list-database-roles',
  'SELECT rolname AS name FROM pg_roles WHERE rolname = ANY(:roles::text[])',
  { name: 'name' },
);

/** Lists the group roles that exist. */
export async function listRoles(client: ClientBase): Promise<DatabaseRole[]> {
  const rows = await createQueryable(client).query(LIST_ROLES, { roles: DATABASE_ROLES });
  return DATABASE_ROLES.filter((role) => rows.some(({ name }) => name === role));
}

/** Returns the SQL that grants all rights on BullMQ's tables, because every process uses all of them. */
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

/** Returns the rights of a role as `GRANT` lists them; undefined for none. */
export const rightsFor = (role: DatabaseRole, { api, workers }: Rights): string | undefined =>
  ({ ablagh_api: api, ablagh_workers: workers, ablagh_senders: undefined })[role];
