import type { Knex } from 'knex';

/** Work remembers the trace it came from, where somebody traces. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE outbox ADD COLUMN trace text;
    COMMENT ON COLUMN outbox.trace IS 'a W3C traceparent; null unless tracing is on';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE outbox DROP COLUMN trace');
}
