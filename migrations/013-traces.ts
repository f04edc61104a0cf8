import type { Knex } from 'knex';

/** Adds the trace that a row of the outbox came from. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE outbox ADD COLUMN trace text;
    COMMENT ON COLUMN outbox.trace IS 'a W3C traceparent; null unless tracing is on';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE outbox DROP COLUMN trace');
}
