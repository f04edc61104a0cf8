import type { Knex } from 'knex';

/** Leaves more of each page free: the columns of migration 010 made alerts larger, and two updates no longer fitted into the page. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE alerts SET (fillfactor = 30);
    COMMENT ON TABLE alerts IS 'most of each page stays free: an alert changes twice on its way, and in place that costs no index entry';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE alerts SET (fillfactor = 45);
    COMMENT ON TABLE alerts IS 'half of each page stays free: an alert changes twice on its way, and in place that costs no index entry';
  `);
}
