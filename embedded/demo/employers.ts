import type { Queryable } from '../../core/platform/database';
import { statement } from '../../core/platform/statement';

export interface DemoWorkshop {
  code: string;
  name: string;
  agreement: { signedAt: string; branch: string } | null;
}

export interface DemoEmployer {
  nationalId: string;
  name: string;
  mobile: string | null;
  email: string | null;
  /** The share of the notices this employer receives, relative to the others. */
  weight: number;
  workshops: DemoWorkshop[];
}

/**
 * The receivers of the demo, none of them real. The examples in the documents use the first one. One has a workshop without a
 * service agreement, one has no email, one no mobile.
 */
export const DEMO_EMPLOYERS: readonly DemoEmployer[] = [
  {
    nationalId: '0499370899',
    name: 'آرش نمونه‌پور',
    mobile: '+989120000001',
    email: 'arash@example.ir',
    weight: 5,
    workshops: [
      {
        code: '0183630045',
        name: 'کارگاه صنایع چوب نمونه‌پور',
        agreement: { signedAt: '2017-04-09T06:30:00Z', branch: 'شعبه ۱۰ تهران' },
      },
    ],
  },
  {
    nationalId: '10380284790',
    name: 'شرکت صنایع غذایی سپیدنمون (سهامی خاص)',
    mobile: '+989120000002',
    email: 'office@sepidnemoon.example.ir',
    weight: 4,
    workshops: [
      {
        code: '0271140018',
        name: 'کارخانه سپیدنمون، شهرک صنعتی',
        agreement: { signedAt: '2017-05-21T07:10:00Z', branch: 'شعبه ۲ مشهد' },
      },
      {
        code: '0271140026',
        name: 'دفتر مرکزی سپیدنمون',
        agreement: { signedAt: '2018-10-02T08:45:00Z', branch: 'شعبه ۲ مشهد' },
      },
      { code: '0271140034', name: 'انبار سپیدنمون، بدون تفاهم‌نامه', agreement: null },
    ],
  },
  {
    nationalId: '0012345008',
    name: 'مینا آزمون‌زاده',
    mobile: '+989120000003',
    email: null,
    weight: 2,
    workshops: [
      {
        code: '0340050077',
        name: 'آموزشگاه زبان آزمون‌زاده',
        agreement: { signedAt: '2017-08-13T05:50:00Z', branch: 'شعبه ۱ شیراز' },
      },
    ],
  },
  {
    nationalId: '14000100033',
    name: 'شرکت نرم‌افزاری آزمون‌گستر (با مسئولیت محدود)',
    mobile: null,
    email: 'hr@azmoongostar.example.ir',
    weight: 3,
    workshops: [
      {
        code: '0410020091',
        name: 'شرکت نرم‌افزاری آزمون‌گستر',
        agreement: { signedAt: '2021-02-16T09:20:00Z', branch: 'شعبه ۲۲ تهران' },
      },
    ],
  },
  {
    nationalId: '0070007004',
    name: 'بهرام فرضی‌نیا',
    mobile: '+989120000004',
    email: 'bahram@example.ir',
    weight: 2,
    workshops: [
      {
        code: '0525530060',
        name: 'تعمیرگاه فرضی‌نیا',
        agreement: { signedAt: '2020-07-05T06:05:00Z', branch: 'شعبه ۳ اصفهان' },
      },
    ],
  },
  {
    nationalId: '10320002004',
    name: 'تعاونی تولید فرض‌آباد',
    mobile: '+989120000005',
    email: 'info@farzabad.example.ir',
    weight: 2,
    workshops: [
      {
        code: '0618800123',
        name: 'واحد بسته‌بندی فرض‌آباد',
        agreement: { signedAt: '2019-11-24T07:35:00Z', branch: 'شعبه ۱ کرج' },
      },
      {
        code: '0618800131',
        name: 'واحد حمل‌ونقل فرض‌آباد',
        agreement: { signedAt: '2022-05-30T10:15:00Z', branch: 'شعبه ۱ کرج' },
      },
    ],
  },
];

const INSERT_DEMO_EMPLOYERS = statement<{ id: string; nationalId: string }>(
  'insert-demo-employers',
  `INSERT INTO employers (national_id, name, mobile, email)
   SELECT * FROM unnest(:nationalIds::text[], :names::text[], :mobiles::text[], :emails::text[])
   RETURNING id, national_id AS "nationalId"`,
  { id: 'int8', nationalId: 'text' },
);

const INSERT_DEMO_WORKSHOPS = statement(
  'insert-demo-workshops',
  `INSERT INTO workshops (employer_id, code, name, agreement_signed_at, agreement_branch)
   SELECT * FROM unnest(:employerIds::bigint[], :codes::text[], :names::text[], :signedAts::timestamptz[],
                        :branches::text[])`,
  {},
);

/** Writes the employers of the demo and their workshops. @returns ids by national ID */
export async function writeEmployers(trx: Queryable): Promise<Map<string, string>> {
  const rows = await trx.query(INSERT_DEMO_EMPLOYERS, {
    nationalIds: DEMO_EMPLOYERS.map(({ nationalId }) => nationalId),
    names: DEMO_EMPLOYERS.map(({ name }) => name),
    mobiles: DEMO_EMPLOYERS.map(({ mobile }) => mobile),
    emails: DEMO_EMPLOYERS.map(({ email }) => email),
  });
  const ids = new Map(rows.map(({ id, nationalId }) => [nationalId, id]));
  const workshops = DEMO_EMPLOYERS.flatMap((employer) =>
    employer.workshops.map((workshop) => ({ ...workshop, employerId: ids.get(employer.nationalId) })),
  );
  await trx.query(INSERT_DEMO_WORKSHOPS, {
    employerIds: workshops.map(({ employerId }) => employerId),
    codes: workshops.map(({ code }) => code),
    names: workshops.map(({ name }) => name),
    signedAts: workshops.map(({ agreement }) => agreement?.signedAt ?? null),
    branches: workshops.map(({ agreement }) => agreement?.branch ?? null),
  });
  return ids;
}
