import type { Knex } from 'knex';

/** Makes an outbox row work for a set of subjects: alerts that were accepted together wait, leave and are followed up together. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE outbox ADD COLUMN subject_ids bigint[];
    UPDATE outbox SET subject_ids = ARRAY[subject_id];
    DROP INDEX outbox_permits;
    ALTER TABLE outbox ALTER COLUMN subject_ids SET NOT NULL, DROP COLUMN subject_id,
      ADD CHECK (cardinality(subject_ids) > 0);
    COMMENT ON COLUMN outbox.subject_ids IS 'what the work is about: alerts in sets, everything else one by one';
    CREATE INDEX outbox_permits ON outbox ((subject_ids[1])) WHERE queue = 'permits';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE outbox ADD COLUMN subject_id bigint;
    DROP INDEX outbox_permits;
    INSERT INTO outbox (queue, subject_ids, subject_id, run_at, relay_at)
      SELECT queue, subject_ids, subject, run_at, relay_at FROM outbox, unnest(subject_ids) subject;
    DELETE FROM outbox WHERE subject_id IS NULL;
    ALTER TABLE outbox ALTER COLUMN subject_id SET NOT NULL, DROP COLUMN subject_ids;
    CREATE INDEX outbox_permits ON outbox (subject_id) WHERE queue = 'permits';
  `);
}
