import type { Knex } from 'knex';

/** Extends the index of the inbox, so that the list, its filters and its count of unread notices are read from it alone. */
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
