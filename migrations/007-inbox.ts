import type { Knex } from 'knex';

/** The inbox's list, its filters and its count of what is not viewed yet are read from this one index. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX notices_inbox;
    CREATE INDEX notices_inbox ON notices (employer_id, registered_at DESC, id DESC)
      INCLUDE (first_viewed_at, workshop_code);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX notices_inbox;
    CREATE INDEX notices_inbox ON notices (employer_id, registered_at DESC, id DESC);
  `);
}
