import { employerSchema } from '../../../core/employers/employer-schema';
import { createEmployers } from '../../../core/employers/employers';
import { FOUND_PAGE_ROWS, findNotices } from '../../../core/operator-console/find-notices';
import type { Queryable } from '../../../core/platform/database';
import type { Caller } from '../../../core/sources/source-systems';
import { toPersianDigits } from '../../../core/text/normalise';
import { useDatabase } from '../../support/database';
import { addSource, aNotice, anEmployer, nationalId, registerEmployer } from '../../support/fixtures';
import { acceptAll } from '../../support/inbox';
import { textOf, valuesOf } from '../../support/statement-text';

const test = useDatabase();
let caller: Caller;
let serial = 810_000;

beforeAll(async () => {
  caller = (await addSource(test.db)).caller;
});

/** Creates an employer with one notice whose alerts were sent. */
async function aSentNotice() {
  serial += 1;
  const own = {
    nationalId: nationalId(serial),
    mobile: `0912${String(serial).padStart(7, '0')}`,
    email: `e${serial}@example.ir`,
    reference: `FIND-${serial}`,
    smsId: String(7_000_000_000 + serial),
    emailId: `<${serial}@ablagh.example>`,
  };
  const { mobile, email } = own;
  await registerEmployer(test.db, { nationalId: own.nationalId, mobile, email });
  const [id] = await acceptAll(test.db, caller, [
    aNotice({ reference: own.reference, recipient: { nationalId: own.nationalId } }),
  ]);
  await test.db.query(
    `INSERT INTO attempts (id, alert_id, provider, at, outcome, provider_message_id)
     SELECT nextval('attempt_ids'), id, 'any', now(), 'accepted', CASE channel WHEN 'sms' THEN $2 ELSE $3 END
       FROM alerts WHERE notice_id = $1`,
    [id, own.smsId, own.emailId],
  );
  const [row] = await test.db.query<{ trackingNumber: string }>(
    'SELECT tracking_number AS "trackingNumber" FROM notices WHERE id = $1',
    [id],
  );
  return { ...own, id: id as string, trackingNumber: row?.trackingNumber as string };
}

const idsOf = async (typed: string) => (await findNotices(test.db, typed)).rows.map(({ id }) => id);

describe('a notice is found by', () => {
  it('each of its keys', async () => {
    const notice = await aSentNotice();
    await aSentNotice();
    const { trackingNumber, reference, nationalId: employer, mobile, email, smsId, emailId, id } = notice;
    for (const key of [id, trackingNumber, reference, employer, mobile, email, smsId, emailId]) {
      expect([key, await idsOf(key)]).toEqual([key, [id]]);
    }
  });

  it('its keys as people write them: with other digits, spaces, dashes, capitals', async () => {
    const { id, ...notice } = await aSentNotice();
    const arabic = (text: string) => text.replace(/\d/g, (digit) => '٠١٢٣٤٥٦٧٨٩'[Number(digit)] as string);
    const written = [
      toPersianDigits(notice.trackingNumber),
      ` ${toPersianDigits(notice.nationalId)} `,
      arabic(notice.mobile),
      `+98 ${notice.mobile.slice(1, 4)} ${notice.mobile.slice(4)}`,
      `0098${notice.mobile.slice(1)}`,
      toPersianDigits(notice.reference),
      toPersianDigits(notice.smsId),
      notice.email.toUpperCase(),
      notice.emailId.replace(/[<>]/g, ''),
      notice.trackingNumber.replace(/(\d{4})/g, '$1-'),
      id.toUpperCase(),
    ];
    for (const key of written) expect([key, await idsOf(key)]).toEqual([key, [id]]);
  });

  it('the mobile in the register, even if its alert went elsewhere', async () => {
    serial += 1;
    const employer = nationalId(serial);
    const mobile = `0913${String(serial).padStart(7, '0')}`;
    await registerEmployer(test.db, { nationalId: employer, mobile });
    const [id] = await acceptAll(test.db, caller, [
      aNotice({ recipient: { nationalId: employer, mobile: '09190000001' } }),
    ]);
    expect(await idsOf(mobile)).toEqual([id]);
    expect(await idsOf('09190000001')).toEqual([id]);
    await createEmployers(test.db).put(employer, employerSchema.parse(anEmployer({ mobile: null })));
    expect(await idsOf(mobile)).toEqual([]);
  });

  it('its reference, whichever source system sent it', async () => {
    const { reference, id, nationalId: employer } = await aSentNotice();
    const other = (await addSource(test.db)).caller;
    const [second] = await acceptAll(test.db, other, [
      aNotice({ reference, recipient: { nationalId: employer } }),
    ]);
    expect((await idsOf(reference)).sort()).toEqual([id, second as string].sort());
  });

  it('no similar key, and by no text with special characters', async () => {
    const { reference, mobile } = await aSentNotice();
    for (const text of [
      reference.slice(0, -1),
      mobile.slice(0, -1),
      "' OR 1=1 --",
      '%',
      '9'.repeat(40),
      '@',
    ]) {
      expect([text, await idsOf(text)]).toEqual([text, []]);
    }
  });
});

describe('many found notices', () => {
  it('come newest first, in pages, each once', async () => {
    serial += 1;
    const employer = nationalId(serial);
    const mobile = `0914${String(serial).padStart(7, '0')}`;
    await registerEmployer(test.db, { nationalId: employer, mobile });
    const count = 2 * FOUND_PAGE_ROWS + 3;
    const notices = Array.from({ length: count }, () => aNotice({ recipient: { nationalId: employer } }));
    const ids = await acceptAll(test.db, caller, notices);
    for (const key of [employer, mobile]) {
      const seen: string[] = [];
      let after: string | undefined;
      const sizes: number[] = [];
      do {
        const page = await findNotices(test.db, key, after);
        seen.push(...page.rows.map(({ id }) => id));
        sizes.push(page.rows.length);
        after = page.older;
      } while (after);
      expect(sizes).toEqual([FOUND_PAGE_ROWS, FOUND_PAGE_ROWS, 3]);
      expect(seen).toEqual(ids.toReversed());
    }
  });
});

describe('a search among many notices', () => {
  it('scans none of the large tables', async () => {
    const { nationalId: employer, mobile, email, smsId, reference, trackingNumber, id } = await aSentNotice();
    await fill(10_000);
    for (const key of [employer, mobile, email, smsId, reference, trackingNumber, id]) {
      const plans = await plansOf((db) => findNotices(db, key));
      expect(plans).toHaveLength(2);
      expect([key, scansOf(plans)]).toEqual([key, []]);
    }
  });

  /** Adds employers with one notice, two alerts and two attempts each. */
  async function fill(count: number): Promise<void> {
    await test.db.query(
      `WITH e AS (
         INSERT INTO employers (national_id, name, mobile, email)
         SELECT lpad((2000000000 + i)::text, 10, '0'), 'نام', '+98915' || lpad(i::text, 7, '0'), i || '@filler.ir'
           FROM generate_series(1, $1::int) i RETURNING id, mobile, email),
       n AS (
         INSERT INTO notices (id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code,
                              subject, sms_text, priority, accepted_at, registered_at)
         SELECT gen_random_uuid(), $2, 'FILL-' || id, '', 500000000000 + id, id, '0', '', '', 'bulk', now(), now()
           FROM e RETURNING id, employer_id),
       a AS (
         INSERT INTO alerts (notice_id, source_id, channel, lane, address, state, expires_at)
         SELECT n.id, $2, channel, 'bulk', CASE channel WHEN 'sms' THEN e.mobile ELSE e.email END, 'sent', now()
           FROM n JOIN e ON e.id = n.employer_id, unnest(ARRAY['sms', 'email']) channel RETURNING id)
       INSERT INTO attempts (id, alert_id, provider, at, outcome, provider_message_id)
       SELECT nextval('attempt_ids'), id, 'any', now(), 'accepted', 'filler-' || id FROM a`,
      [count, caller.sourceId],
    );
    for (const table of ['employers', 'notices', 'alerts', 'attempts', 'source_systems'])
      await test.db.query(`ANALYZE ${table}`);
  }

  /** Returns the plans of every statement that `work` runs. */
  async function plansOf(work: (db: Queryable) => Promise<unknown>): Promise<Plan[]> {
    const plans: Plan[] = [];
    await work({
      async query(statement, values) {
        const [custom] = await test.db.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
          `EXPLAIN (FORMAT JSON) ${textOf(statement)}`,
          valuesOf(statement, values),
        );
        // A connection that ran the statement a few times may plan it once for all values.
        const [generic] = await test.db.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
          `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${textOf(statement)}`,
        );
        for (const explained of [custom, generic]) plans.push(explained?.['QUERY PLAN'][0]?.Plan as Plan);
        return test.db.query(statement, values);
      },
    });
    return plans;
  }
});

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: Plan[];
}

/** Lists the tables a plan scans, except those that stay small. */
const scansOf = (plans: Plan[] = []): string[] =>
  plans.flatMap((plan) => [
    ...(plan['Node Type'] === 'Seq Scan' && plan['Relation Name'] !== 'source_systems'
      ? [plan['Relation Name'] as string]
      : []),
    ...scansOf(plan.Plans),
  ]);
