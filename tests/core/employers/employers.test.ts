import fc from 'fast-check';
import { employerSchema } from '../../../core/employers/employer-schema';
import { createEmployers } from '../../../core/employers/employers';
import { useDatabase } from '../../support/database';
import {
  anEmployer,
  aWorkshop,
  legalEntityId,
  nationalId,
  registerEmployer,
  workshopCode,
} from '../../support/fixtures';

const own = useDatabase();

const registered = async (id: string) => {
  const [employer] = await own.db.query<{
    id: string;
    name: string;
    mobile: string | null;
    email: string | null;
  }>('SELECT id, name, mobile, email FROM employers WHERE national_id = $1', [id]);
  const workshops = await own.db.query<{
    code: string;
    name: string;
    signedAt: Date | null;
    branch: string | null;
  }>(
    `SELECT code, name, agreement_signed_at AS "signedAt", agreement_branch AS branch
       FROM workshops WHERE employer_id = $1 ORDER BY code`,
    [employer?.id],
  );
  return { ...employer, workshops };
};

describe('the register of employers', () => {
  test('keeps an employer, its workshops and their service agreements', async () => {
    const id = nationalId(1);
    await registerEmployer(own.db, {
      nationalId: id,
      workshops: [aWorkshop(workshopCode(1)), aWorkshop(workshopCode(2), false)],
    });
    expect(await registered(id)).toEqual({
      id: expect.any(String),
      name: 'شرکت نمونه',
      mobile: '+989121234567',
      email: 'employer@example.ir',
      workshops: [
        {
          code: '0000000001',
          name: 'کارگاه 0000000001',
          signedAt: new Date('2024-04-01T08:00:00Z'),
          branch: 'شعبه ۱ تهران',
        },
        { code: '0000000002', name: 'کارگاه 0000000002', signedAt: null, branch: null },
      ],
    });
  });

  test('stores a legal entity, and an employer without mobile, email or workshop', async () => {
    const id = legalEntityId(1);
    await registerEmployer(own.db, { nationalId: id, mobile: null, email: null, workshops: [] });
    expect(await registered(id)).toMatchObject({ mobile: null, email: null, workshops: [] });
  });

  test('replaces the stored version: workshops that are not named are removed, and the employer keeps its id', async () => {
    const id = nationalId(2);
    await registerEmployer(own.db, {
      nationalId: id,
      workshops: [aWorkshop(workshopCode(1)), aWorkshop(workshopCode(2))],
    });
    const before = await registered(id);
    const { mobile: _, ...withoutMobile } = anEmployer({ name: 'نام تازه' });
    await createEmployers(own.db).put(
      id,
      employerSchema.parse({
        ...withoutMobile,
        workshops: [aWorkshop(workshopCode(2), false), aWorkshop(workshopCode(3))],
      }),
    );
    const after = await registered(id);
    expect(after).toMatchObject({ id: before.id, name: 'نام تازه', mobile: null });
    expect(after.workshops).toMatchObject([
      { code: workshopCode(2), signedAt: null, branch: null },
      { code: workshopCode(3), branch: 'شعبه ۱ تهران' },
    ]);
  });

  test('does not change when the same is put twice', async () => {
    const id = nationalId(3);
    await registerEmployer(own.db, { nationalId: id });
    const before = await registered(id);
    await registerEmployer(own.db, { nationalId: id });
    expect(await registered(id)).toEqual(before);
  });

  test('holds one complete version when several are put at the same time', async () => {
    const id = nationalId(4);
    const versions = Array.from({ length: 8 }, (_, i) =>
      registerEmployer(own.db, {
        nationalId: id,
        name: `نسخه ${i}`,
        workshops: [0, 1, 2].map((n) => aWorkshop(workshopCode(i * 10 + n))),
      }),
    );
    await Promise.all(versions);
    const { name, workshops } = await registered(id);
    const version = Number(name?.split(' ')[1]);
    expect(workshops.map(({ code }) => code)).toEqual([0, 1, 2].map((n) => workshopCode(version * 10 + n)));
  });

  test('keeps the workshops of employers apart, even under the same code', async () => {
    await registerEmployer(own.db, { nationalId: nationalId(5), workshops: [aWorkshop(workshopCode(7))] });
    await registerEmployer(own.db, {
      nationalId: nationalId(6),
      workshops: [aWorkshop(workshopCode(7), false)],
    });
    await registerEmployer(own.db, { nationalId: nationalId(6), workshops: [] });
    expect((await registered(nationalId(5))).workshops).toHaveLength(1);
  });

  test('stores ten thousand workshops at once', async () => {
    const id = nationalId(7);
    const workshops = Array.from({ length: 10_000 }, (_, i) => aWorkshop(workshopCode(i)));
    await registerEmployer(own.db, { nationalId: id, workshops });
    expect((await registered(id)).workshops).toHaveLength(10_000);
  });

  test('changes nothing when a part cannot be written', async () => {
    const id = nationalId(8);
    const { employer } = await registerEmployer(own.db, { nationalId: id });
    const before = await registered(id);
    const broken = { ...employer, name: 'دیگری', workshops: [{ code: 'x', name: 'x', agreement: null }] };
    await expect(createEmployers(own.db).put(id, broken)).rejects.toMatchObject({ code: '23514' });
    expect(await registered(id)).toEqual(before);
  });
});

describe('the body of an employer', () => {
  test('is normalised: digits of any script, mobiles in any form', () => {
    const { mobile, workshops } = employerSchema.parse(
      anEmployer({ mobile: '۰۹۱۲ ۱۲۳ ۴۵ ۶۷', workshops: [aWorkshop('۰۱۸۳۶۳۰۰۴۵')] }),
    );
    expect(mobile).toBe('+989121234567');
    expect(workshops[0]?.code).toBe('0183630045');
  });

  test.each([
    ['a field nobody knows', { fax: '1' }, []],
    ['a landline', { mobile: '02188776655' }, ['mobile']],
    ['no email address', { email: 'nobody' }, ['email']],
    ['a name of two lines', { name: 'a\nb' }, ['name']],
    ['a workshop twice', { workshops: [aWorkshop('0183630045'), aWorkshop('۰۱۸۳۶۳۰۰۴۵')] }, ['workshops']],
    ['a short workshop code', { workshops: [aWorkshop('183630045')] }, ['workshops', 0, 'code']],
    [
      'a day instead of an instant',
      { workshops: [{ ...aWorkshop('0183630045'), agreement: { signedAt: '2024-04-01', branch: 'x' } }] },
      ['workshops', 0, 'agreement', 'signedAt'],
    ],
    [
      'no word about the agreement',
      { workshops: [{ code: '0183630045', name: 'x' }] },
      ['workshops', 0, 'agreement'],
    ],
  ])('with %s is refused', (_, change, path) => {
    const { error } = employerSchema.safeParse({ ...anEmployer(), ...change });
    expect(error?.issues[0]?.path).toEqual(path);
  });

  test('that is valid can be stored', async () => {
    const name = fc.string({ unit: 'binary', maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(name, fc.nat(100_000), async (text, n) => {
        const parsed = employerSchema.safeParse(anEmployer({ name: text }));
        if (!parsed.success) return;
        const id = nationalId(1_000_000 + n);
        await createEmployers(own.db).put(id, parsed.data);
        expect((await registered(id)).name).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});
