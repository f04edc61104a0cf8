import type { Database } from '../platform/database';
import type { EmployerInput } from './employer-schema';

/** The register of employers, their workshops and service agreements. */
export function createEmployers(db: Database) {
  return {
    /** Puts an employer in the place of what the register had: workshops that are not named are gone. */
    async put(nationalId: string, employer: EmployerInput): Promise<void> {
      await db.transaction(async (trx) => {
        const [row] = await trx.query<{ id: string }>(
          `INSERT INTO employers (national_id, name, mobile, email) VALUES ($1, $2, $3, $4)
           ON CONFLICT (national_id) DO UPDATE
             SET name = excluded.name, mobile = excluded.mobile, email = excluded.email, updated_at = now()
           RETURNING id`,
          [nationalId, employer.name, employer.mobile ?? null, employer.email ?? null],
        );
        const codes = employer.workshops.map(({ code }) => code);
        await trx.query('DELETE FROM workshops WHERE employer_id = $1 AND code <> ALL($2)', [row?.id, codes]);
        await trx.query(
          `INSERT INTO workshops (employer_id, code, name, agreement_signed_at, agreement_branch)
           SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[])
           ON CONFLICT (employer_id, code) DO UPDATE
             SET name = excluded.name, agreement_signed_at = excluded.agreement_signed_at,
                 agreement_branch = excluded.agreement_branch`,
          [
            row?.id,
            codes,
            employer.workshops.map(({ name }) => name),
            employer.workshops.map(({ agreement }) => agreement?.signedAt ?? null),
            employer.workshops.map(({ agreement }) => agreement?.branch ?? null),
          ],
        );
      });
    },
  };
}
