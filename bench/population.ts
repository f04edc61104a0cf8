import { createEmployers } from '../core/employers/employers';
import { acceptNotices } from '../core/notices/accept-notices';
import type { NoticeInput } from '../core/notices/notice-schema';
import { settings } from '../core/platform/config';
import type { Database } from '../core/platform/database';
import { statement } from '../core/platform/statement';
import { createSourceSystems, type IssuedKey } from '../core/sources/source-systems';
import type { BenchDatabase } from './environment';

const EMPLOYER_COUNT = 1_000;
const WORKSHOP_CODE = '0183630045';

/** A source system with its API key. */
export interface Sender extends IssuedKey {
  id: number;
}

/** Returns the nth national ID with a valid check digit. */
export function nationalId(n: number): string {
  const stem = String(100_000_000 + n);
  const sum = [...stem].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
  const rest = sum % 11;
  return `${stem}${rest < 2 ? rest : 11 - rest}`;
}

const READ_SOURCE = statement<{ id: number }>('bench-read-source', 'SELECT id FROM source_systems', {
  id: 'int4',
});

/** Registers a source system, and a thousand employers with the addresses that `reach` names. They are the same in every database. */
export async function populate(db: Database, reach: ('mobile' | 'email')[]): Promise<Sender> {
  const key = await createSourceSystems(db).add('BENCH', 'سامانه آزمون', ['notices', 'employers']);
  const employers = createEmployers(db);
  for (let n = 0; n < EMPLOYER_COUNT; n += 1) {
    await employers.put(nationalId(n), {
      name: `کارفرمای شماره ${n}`,
      mobile: reach.includes('mobile') ? `+98912${String(n).padStart(7, '0')}` : null,
      email: reach.includes('email') ? `employer-${n}@example.ir` : null,
      workshops: [
        {
          code: WORKSHOP_CODE,
          name: 'کارگاه',
          agreement: { signedAt: '2024-01-01T00:00:00Z', branch: 'شعبه ۱' },
        },
      ],
    });
  }
  const [source] = await db.query(READ_SOURCE);
  return { ...key, id: source?.id as number };
}

/** Returns the nth notice. `prefix` separates the references of one step from those of another. */
export const notice = (prefix: string, n: number): NoticeInput => ({
  reference: `${prefix}-${n}`,
  recipient: { nationalId: nationalId(n % EMPLOYER_COUNT), workshopCode: WORKSHOP_CODE },
  subject: 'اعلام سابقه',
});

/** Accepts `count` notices, as every intake does. */
export async function acceptMany(db: Database, sender: Sender, prefix: string, count: number): Promise<void> {
  const deps = {
    db,
    attachments: { put: async () => {}, get: async () => Buffer.alloc(0) },
    wording: { template: settings.SMS_TEXT.parse(undefined), suffix: '' },
    alertTtlHours: 72,
  };
  const source = { id: sender.id, code: sender.code };
  for (let from = 0; from < count; from += 500) {
    const set = Array.from({ length: Math.min(500, count - from) }, (_, i) => ({
      door: 'batch' as const,
      source,
      keyId: sender.keyId,
      input: notice(prefix, from + i),
    }));
    await acceptNotices(deps, set);
  }
}

/** Vacuums and analyses the tables, as PostgreSQL does by itself after a while. */
export async function vacuum(db: BenchDatabase): Promise<void> {
  await db.query('VACUUM (ANALYZE)');
  await db.checkpoint();
}

/**
 * Multiplies the notices that were accepted under `prefix`, with alerts and events as they are long after. Each employer has the same
 * number of notices, at different instants over some months.
 *
 * @param times number of notices for each accepted one, itself included
 */
export async function multiplyNotices(db: Database, prefix: string, times: number): Promise<void> {
  await db.query(
    `INSERT INTO notices (id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code,
                          subject, sms_text, kind, priority, accepted_at, registered_at, first_viewed_at)
     SELECT gen_random_uuid(), source_id, reference || '-' || k, content_hash, 10 * nextval('tracking_numbers'),
            employer_id, workshop_code, subject, sms_text, kind, priority, at, at,
            CASE WHEN k % 3 > 0 THEN at + interval '1 hour' END
       FROM notices, generate_series(1, $1) k,
            LATERAL (SELECT registered_at - k * interval '1 hour' AS at) past`,
    [times - 1],
  );
  const made = `${prefix}-%-%`;
  await db.query(
    `INSERT INTO alerts (notice_id, source_id, channel, lane, address, state, sent_at, expires_at)
     SELECT n.id, n.source_id, channel, 'normal', coalesce(CASE channel WHEN 'sms' THEN e.mobile END, e.email),
            CASE channel WHEN 'sms' THEN 'delivered' ELSE 'sent' END, n.accepted_at, n.accepted_at
       FROM notices n JOIN employers e ON e.id = n.employer_id, unnest('{sms,email}'::text[]) channel
      WHERE n.reference LIKE $1`,
    [made],
  );
  await db.query(
    `INSERT INTO events (source_id, type, notice_id, actor, data, at)
     SELECT n.source_id, type, n.id, 'bench', '{"channel":"sms"}', n.accepted_at
       FROM notices n, unnest('{notice.accepted,alert.sent,alert.delivered}'::text[]) type
      WHERE n.reference LIKE $1`,
    [made],
  );
}
