import type { Knex } from 'knex';

/** Adds the provider's message id to login codes, so that their delivery reports are recognised. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE login_codes ADD COLUMN provider_message_id text;
    COMMENT ON COLUMN login_codes.provider_message_id IS 'what the provider calls the SMS; null until it took it';
    CREATE INDEX login_codes_message ON login_codes (provider_message_id) WHERE provider_message_id IS NOT NULL;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX login_codes_message; ALTER TABLE login_codes DROP COLUMN provider_message_id');
}
