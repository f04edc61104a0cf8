import type { Knex } from 'knex';

/** Creates the data of the operators' page: counts per minute, measurements, processes and findings. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE traffic (
      measure text NOT NULL,
      minute timestamptz NOT NULL,
      subject text NOT NULL,
      part text NOT NULL,
      bound real NOT NULL,
      count bigint NOT NULL,
      PRIMARY KEY (measure, minute, subject, part, bound)
    ) WITH (fillfactor = 70);
    COMMENT ON TABLE traffic IS 'added up from what every process counts; a process that is killed takes its last seconds with it';
    COMMENT ON COLUMN traffic.subject IS 'a channel or a line; empty for what belongs to none, such as accepted notices';
    COMMENT ON COLUMN traffic.part IS 'a lane, or the code of an answer';
    COMMENT ON COLUMN traffic.bound IS 'of a histogram: seconds, at most; 0 for plain counts';

    CREATE TABLE measurements (
      name text PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT now(),
      data json NOT NULL
    );
    COMMENT ON TABLE measurements IS 'the latest of each kind, taken by one process for all';

    CREATE TABLE observer (
      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
      holder uuid NOT NULL,
      held_until timestamptz NOT NULL
    );
    COMMENT ON TABLE observer IS 'which process takes the measurements; once its time is over, whoever comes first';

    CREATE TABLE processes (
      id uuid PRIMARY KEY,
      kind text NOT NULL CHECK (kind IN ('api', 'workers')),
      host text NOT NULL,
      pid integer NOT NULL,
      started_at timestamptz NOT NULL DEFAULT now(),
      beat_at timestamptz NOT NULL DEFAULT now(),
      data json NOT NULL
    );

    CREATE TABLE findings (
      rule text NOT NULL,
      subject text NOT NULL,
      since timestamptz NOT NULL DEFAULT now(),
      detail text NOT NULL,
      PRIMARY KEY (rule, subject)
    );
    COMMENT ON TABLE findings IS 'what the watchdog finds wrong right now; a row goes when it is right again';

    CREATE INDEX events_rare ON events (at, type)
      WHERE type NOT IN ('notice.accepted', 'alert.sent', 'alert.delivered', 'alert.failed', 'alert.unknown');
    COMMENT ON INDEX events_rare IS 'for counting the last hour; those left out come by the million, and are counted as traffic';
    CREATE INDEX attempts_unknown ON attempts (at) WHERE outcome = 'unknown';
    COMMENT ON INDEX attempts_unknown IS 'the oldest alert in doubt; an index on the alerts themselves would make every send dearer';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX attempts_unknown, events_rare;
    DROP TABLE findings, processes, observer, measurements, traffic;
  `);
}
