import type { Database } from '../platform/database';
import { statement } from '../platform/statement';
import type { EmployerInput } from './employer-schema';

const PUT_EMPLOYER = statement<{ id: string }>(
  'put-employer',
  `INSERT INTO employers (national_id, name, mobile, email) VALUES (:nationalId, :name, :mobile, :email)
   ON CONFLICT (national_id) DO UPDATE
     SET name = excluded.name, mobile = excluded.mobile, email = excluded.email, updated_at = now()
   RETURNING id`,
  { id: 'int8' },
);

const PUT_WORKSHOPS = statement(
  'put-workshops',
  `INSERT INTO workshops (employer_id, code, name, agreement_signed_at, agreement_branch)
   SELECT :employerId::bigint, *
     FROM unnest(:codes::text[], :names::text[], :signedAts::timestamptz[], :branches::text[])
   ON CONFLICT (employer_id, code) DO UPDATE
     SET name = excluded.name, agreement_signed_at = excluded.agreement_signed_at,
         agreement_branch = excluded.agreement_branch`,
  {},
);

/** The register of employers, their workshops and service agreements. */
export function createEmployers(db: Database) {
  return {
    /** Replaces an employer in the register, or adds it: workshops that are not named are removed. */
    async put(nationalId: string, employer: EmployerInput): Promise<void> {
      const { name, mobile = null, email = null, workshops } = employer;
      await db.transaction(async (trx) => {
        const [row] = await trx.query(PUT_EMPLOYER, { nationalId, name, mobile, email });
        if (!row) throw new Error('PostgreSQL returned no row for the employer');
        const codes = workshops.map(({ code }) => code);
        await trx.query('DELETE FROM workshops WHERE employer_id = $1 AND code <> ALL($2)', [row.id, codes]);
        await trx.query(PUT_WORKSHOPS, {
          employerId: row.id,
          codes,
          names: workshops.map((workshop) => workshop.name),
          signedAts: workshops.map(({ agreement }) => agreement?.signedAt ?? null),
          branches: workshops.map(({ agreement }) => agreement?.branch ?? null),
        });
      });
    },
  };
}
