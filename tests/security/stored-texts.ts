import type { Database } from '../../core/platform/database';

/**
 * The kind of every text column of the database; a new column fails the test until it is listed here. `shown` appears on a page,
 * whoever wrote it; `kept` on none. `checked` can hold only values that a constraint allows. `ours` are words and numbers of the
 * program: no foreign text is ever written there.
 */
export const COLUMNS: Record<string, 'shown' | 'kept' | 'checked' | 'ours'> = {
  'alerts.address': 'shown',
  'alerts.channel': 'checked',
  'alerts.lane': 'checked',
  'alerts.line': 'ours',
  'alerts.reason': 'shown',
  'alerts.state': 'checked',
  'alerts.text': 'kept',
  'api_keys.id': 'ours',
  'api_keys.secret_hash': 'ours',
  'attachments.content_type': 'ours',
  'attachments.file_name': 'shown',
  'attempts.code': 'shown',
  'attempts.detail': 'shown',
  'attempts.outcome': 'checked',
  'attempts.provider': 'shown',
  'attempts.provider_message_id': 'shown',
  'audit.action': 'ours',
  'audit.operator': 'shown',
  'audit.outcome': 'checked',
  'audit.reason': 'shown',
  'audit.role': 'ours',
  'audit.subject': 'shown',
  'dead_alerts.cause': 'ours',
  'dead_alerts.channel': 'ours',
  'dead_alerts.state': 'checked',
  'employers.email': 'shown',
  'employers.mobile': 'checked',
  'employers.name': 'shown',
  'employers.national_id': 'checked',
  'events.actor': 'kept',
  'events.data': 'shown',
  'events.type': 'ours',
  'findings.detail': 'shown',
  'findings.rule': 'ours',
  'findings.subject': 'shown',
  'inquiries.actor': 'kept',
  'inquiries.address': 'kept',
  'inquiries.address_group': 'kept',
  'inquiries.body_name': 'shown',
  'inquiries.national_id': 'kept',
  'inquiries.outcome': 'checked',
  'inquiry_locks.subject': 'kept',
  'lane_pauses.channel': 'checked',
  'lane_pauses.lane': 'checked',
  'lane_pauses.operator': 'shown',
  'lane_pauses.reason': 'shown',
  'lines.channel': 'checked',
  'lines.code': 'shown',
  'lines.name': 'checked',
  'lines.reason': 'shown',
  'lines.state': 'checked',
  'login_codes.mobile': 'kept',
  'login_codes.national_id': 'ours',
  'login_codes.provider_message_id': 'kept',
  'measurements.data': 'ours',
  'measurements.name': 'ours',
  'notices.kind': 'shown',
  'notices.priority': 'checked',
  'notices.reference': 'shown',
  'notices.sms_text': 'shown',
  'notices.subject': 'shown',
  'notices.workshop_code': 'shown',
  'operators.name': 'shown',
  'operators.password_hash': 'ours',
  'operators.role': 'checked',
  'outbox.queue': 'ours',
  'outbox.trace': 'ours',
  'permits.duration': 'checked',
  'permits.state': 'checked',
  'processes.data': 'ours',
  'processes.host': 'shown',
  'processes.kind': 'checked',
  'queue_epoch.epoch': 'ours',
  'refusals.code': 'ours',
  'refusals.detail': 'shown',
  'refusals.door': 'checked',
  'refusals.key_id': 'kept',
  'refusals.reference': 'shown',
  'restores.timeline': 'ours',
  'sessions.mobile': 'ours',
  'sms_callbacks.provider_message_id': 'kept',
  'source_systems.code': 'ours',
  'source_systems.title': 'shown',
  'traffic.measure': 'ours',
  'traffic.part': 'ours',
  'traffic.subject': 'ours',
  'views.actor': 'kept',
  'workshops.agreement_branch': 'kept',
  'workshops.code': 'checked',
  'workshops.name': 'shown',
};

interface Column {
  name: string;
  table: string;
  column: string;
  type: string;
}

/** Lists every text column, as PostgreSQL has it. */
export const columnsOf = (db: Database): Promise<Column[]> =>
  db.query<Column & Record<string, string>>(
    `SELECT c.table_name || '.' || c.column_name AS name, c.table_name AS table, c.column_name AS column, c.data_type AS type
       FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE 'knex%'
        AND c.data_type IN ('text', 'json', 'jsonb', 'character varying')
      ORDER BY 1`,
  );

/** Names under which events hold texts of others. */
const WORDED = ['reason', 'detail', 'body', 'code', 'providerMessageId', 'reference'];

/** Writes a text into a column of every row, with a small difference per row. @returns the number of rows */
export async function writeInto(db: Database, { table, column, type }: Column, text: string) {
  const value = type.startsWith('json')
    ? `json_build_object(${WORDED.map((name) => `'${name}', $1::text`).join()})::${type}`
    : '$1 || ctid::text';
  const rows = await db.query(`UPDATE ${table} SET ${column} = ${value} RETURNING 1`, [text]);
  return rows.length;
}
