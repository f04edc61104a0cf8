import { nationalId } from '../../bench/population';
import { createEmployers } from '../../core/employers/employers';
import type { Database } from '../../core/platform/database';
import { createSessions } from '../../core/sessions/sessions';
import { createSourceSystems } from '../../core/sources/source-systems';

const EMPLOYERS = 30;
export const WORKSHOP = '0183630045';

export interface Employer {
  nationalId: string;
  mobile: string;
  email: string;
  /** Of a session that lives as long as the run. */
  token: string;
}

/** Who sends, who asks by permit, and who receives. */
export interface Population {
  apiKey: string;
  sourceId: number;
  /** Of a government body. */
  inquiryKey: string;
  employers: Employer[];
}

/** Registers them by the system's own verbs. Every employer has a mobile and an email address. */
export async function populate(db: Database): Promise<Population> {
  const sources = createSourceSystems(db);
  const { apiKey } = await sources.add('FAULTS', 'سامانه آزمون', ['notices', 'employers']);
  const { apiKey: inquiryKey } = await sources.add('BODY', 'نهاد آزمون', ['inquiries']);
  const [source] = await db.query<{ id: number }>(`SELECT id FROM source_systems WHERE code = 'FAULTS'`);
  const employers: Employer[] = [];
  for (let n = 0; n < EMPLOYERS; n += 1) employers.push(await register(db, nationalId(n), n));
  return { apiKey, inquiryKey, sourceId: source?.id as number, employers };
}

async function register(db: Database, id: string, n: number): Promise<Employer> {
  const mobile = `+98912${String(n).padStart(7, '0')}`;
  const email = `employer-${n}@example.ir`;
  const agreement = { signedAt: '2024-01-01T00:00:00Z', branch: 'شعبه ۱' };
  await createEmployers(db).put(id, {
    name: `کارفرمای شماره ${n}`,
    mobile,
    email,
    workshops: [{ code: WORKSHOP, name: 'کارگاه', agreement }],
  });
  const [row] = await db.query<{ id: string }>('SELECT id FROM employers WHERE national_id = $1', [id]);
  const token = await createSessions(db).start({ employerId: row?.id as string, mobile });
  return { nationalId: id, mobile, email, token };
}
