import type { Knex } from 'knex';

/**
 * Creates the timelines of the database. A database that was restored, or whose replica took over, may have lost its last commits:
 * nothing is sent then until a person says which (`ablagh restored`).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION current_life() RETURNS text LANGUAGE sql STABLE AS $$
      SELECT system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) FROM pg_control_system()
    $$;
    COMMENT ON FUNCTION current_life IS 'the cluster and its timeline: another one after a recovery to a point in time, a failover, or a dump that was read in';

    CREATE TABLE restores (
      id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      at timestamptz NOT NULL DEFAULT now(),
      life text NOT NULL DEFAULT current_life(),
      lost_after timestamptz,
      first_tx xid8,
      CHECK ((lost_after IS NULL) = (first_tx IS NULL))
    );
    COMMENT ON TABLE restores IS 'the lives of this database, the latest last; the first row is where it was set up';
    COMMENT ON COLUMN restores.lost_after IS 'what was committed later in the life before is lost; null when nothing is';
    COMMENT ON COLUMN restores.first_tx IS 'cursors of the life before that lie further on lead back to here';
    INSERT INTO restores DEFAULT VALUES;

    CREATE FUNCTION is_restored() RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT current_life() <> (SELECT life FROM restores ORDER BY id DESC LIMIT 1)
    $$;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP FUNCTION is_restored; DROP TABLE restores; DROP FUNCTION current_life');
}
