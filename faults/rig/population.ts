import { nationalId } from '../../bench/population';
import { createEmployers } from '../../core/employers/employers';
import type { Database } from '../../core/platform/database';
import { statement } from '../../core/platform/statement';
import { createSessions } from '../../core/sessions/sessions';
import { createSourceSystems } from '../../core/sources/source-systems';

const EMPLOYER_COUNT = 30;
/** More people than log in during the longest fault. */
const NEWCOMER_COUNT = 240;
export const WORKSHOP_CODE = '0183630045';

export interface Employer {
  nationalId: string;
  mobile: string;
  email: string;
  /** The token of a session that lives as long as the run. */
  token: string;
}

/** A person who logs in. */
export interface Newcomer {
  nationalId: string;
  mobile: string;
  /** The person's network address: one address alone may request only a few codes. */
  address: string;
}

/** The sender, the government body, and the employers of a run. */
export interface Population {
  apiKey: string;
  sourceId: number;
  /** The API key of a government body. */
  inquiryKey: string;
  employers: Employer[];
  /** Employers who receive no notices. */
  newcomers: Newcomer[];
  /** One more newcomer, for the end of the run. */
  lastNewcomer: Newcomer;
}

const SELECT_SOURCE = statement<{ id: number }>(
  'faults-select-source',
  'SELECT id FROM source_systems WHERE code = :code',
  { id: 'int4' },
);

const SELECT_EMPLOYER = statement<{ id: string }>(
  'faults-select-employer',
  'SELECT id FROM employers WHERE national_id = :nationalId',
  { id: 'int8' },
);

/** Registers the population by the system's own functions. Every employer has a mobile and an email address. */
export async function populate(db: Database): Promise<Population> {
  const sources = createSourceSystems(db);
  const { apiKey } = await sources.add('FAULTS', 'سامانه آزمون', ['notices', 'employers']);
  const { apiKey: inquiryKey } = await sources.add('BODY', 'نهاد آزمون', ['inquiries']);
  const [source] = await db.query(SELECT_SOURCE, { code: 'FAULTS' });
  const employers: Employer[] = [];
  for (let n = 0; n < EMPLOYER_COUNT; n += 1) employers.push(await register(db, nationalId(n), n));
  const newcomers = Array.from({ length: NEWCOMER_COUNT }, (_, n) => newcomer(n));
  await registerNewcomers(db, newcomers);
  const lastNewcomer = newcomers.pop() as Newcomer;
  return { apiKey, inquiryKey, sourceId: source?.id as number, employers, newcomers, lastNewcomer };
}

const newcomer = (n: number): Newcomer => ({
  nationalId: nationalId(EMPLOYER_COUNT + n),
  mobile: `+98913${String(n).padStart(7, '0')}`,
  address: `10.200.${n >> 8}.${n & 255}`,
});

const registerNewcomers = (db: Database, newcomers: Newcomer[]) =>
  db.query(
    `INSERT INTO employers (national_id, name, mobile) SELECT id, 'تازه‌وارد', mobile FROM unnest($1::text[], $2::text[]) n(id, mobile)`,
    [newcomers.map((one) => one.nationalId), newcomers.map(({ mobile }) => mobile)],
  );

async function register(db: Database, id: string, n: number): Promise<Employer> {
  const mobile = `+98912${String(n).padStart(7, '0')}`;
  const email = `employer-${n}@example.ir`;
  const agreement = { signedAt: '2024-01-01T00:00:00Z', branch: 'شعبه ۱' };
  await createEmployers(db).put(id, {
    name: `کارفرمای شماره ${n}`,
    mobile,
    email,
    workshops: [{ code: WORKSHOP_CODE, name: 'کارگاه', agreement }],
  });
  const [row] = await db.query(SELECT_EMPLOYER, { nationalId: id });
  const token = await createSessions(db).start({ employerId: row?.id as string, mobile });
  return { nationalId: id, mobile, email, token };
}
