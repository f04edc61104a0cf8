import type { Knex } from 'knex';

/** Adds the mark of removed attachments, and the indexes that find rows past their retention period without reading whole tables. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE attachments ADD COLUMN removed_at timestamptz;
    COMMENT ON COLUMN attachments.removed_at IS 'its time was over: the bytes are gone from the store, their SHA-256 stays';
    CREATE INDEX attachments_stored ON attachments (id) WHERE removed_at IS NULL;

    CREATE INDEX alerts_unmasked ON alerts (expires_at) WHERE address <> '';
    COMMENT ON COLUMN alerts.address IS 'empty once its time was over';
    CREATE INDEX inquiries_unmasked ON inquiries (at) WHERE address <> '';
    CREATE INDEX sms_callbacks_done ON sms_callbacks (received_at) WHERE matched OR dealt_with_at IS NOT NULL;
    CREATE INDEX sessions_used_at ON sessions (used_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX sessions_used_at, sms_callbacks_done, inquiries_unmasked, alerts_unmasked, attachments_stored;
    ALTER TABLE attachments DROP COLUMN removed_at;
  `);
}
