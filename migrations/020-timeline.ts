import type { Knex } from 'knex';

/**
 * Renames the life of a database to its timeline, PostgreSQL's own term, and limits the work of four queues to one subject: their code
 * reads the first subject only, so a second one would be deleted as done.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER FUNCTION current_life() RENAME TO database_timeline;
    ALTER TABLE restores RENAME COLUMN life TO timeline;
    CREATE OR REPLACE FUNCTION is_restored() RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT database_timeline() <> (SELECT timeline FROM restores ORDER BY id DESC LIMIT 1)
    $$;
    COMMENT ON FUNCTION database_timeline IS 'the cluster and its timeline: changed by a recovery to a point in time, by a failover, and by reading a dump into another cluster';
    COMMENT ON TABLE restores IS 'the timelines of this database, the latest last; the first row is the one it was set up on';
    COMMENT ON COLUMN restores.lost_after IS 'commits of the timeline before that are later than this are lost; null when none is';
    COMMENT ON COLUMN restores.first_tx IS 'cursors of the timeline before that lie further on lead back to here';

    ALTER TABLE outbox ADD CONSTRAINT outbox_single_subject CHECK (
      queue NOT IN ('views', 'permits', 'sms-callbacks', 'login-codes') OR cardinality(subject_ids) = 1);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE outbox DROP CONSTRAINT outbox_single_subject;

    ALTER TABLE restores RENAME COLUMN timeline TO life;
    ALTER FUNCTION database_timeline() RENAME TO current_life;
    CREATE OR REPLACE FUNCTION is_restored() RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT current_life() <> (SELECT life FROM restores ORDER BY id DESC LIMIT 1)
    $$;
    COMMENT ON FUNCTION current_life IS 'the cluster and its timeline: another one after a recovery to a point in time, a failover, or a dump that was read in';
    COMMENT ON TABLE restores IS 'the lives of this database, the latest last; the first row is where it was set up';
    COMMENT ON COLUMN restores.lost_after IS 'what was committed later in the life before is lost; null when nothing is';
    COMMENT ON COLUMN restores.first_tx IS 'cursors of the life before that lie further on lead back to here';
  `);
}
