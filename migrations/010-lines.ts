import type { Knex } from 'knex';

/** Replaces the states of channels by lines, the provider accounts: their state, rate and circuit breaker. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE lines (
      name text PRIMARY KEY CHECK (name ~ '^[a-z0-9-]{1,40}$'),
      channel text NOT NULL CHECK (channel IN ('sms', 'email')),
      state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed', 'paused')),
      code text,
      reason text,
      since timestamptz NOT NULL DEFAULT now(),
      per_second integer CHECK (per_second > 0),
      busy_until timestamptz,
      ordinary_busy_until timestamptz,
      failures smallint NOT NULL DEFAULT 0,
      failed_probes smallint NOT NULL DEFAULT 0,
      broken_until timestamptz,
      seen_at timestamptz
    ) WITH (fillfactor = 50);
    COMMENT ON TABLE lines IS 'an account or sender of a provider; a channel may send while one of its lines is usable';
    COMMENT ON COLUMN lines.state IS 'closed: a person must act; paused: opens again by itself';
    COMMENT ON COLUMN lines.per_second IS 'messages at most; null without a limit';
    COMMENT ON COLUMN lines.busy_until IS 'how long what was let through so far keeps the line busy at its rate';
    COMMENT ON COLUMN lines.ordinary_busy_until IS 'the same for all but urgent messages, at their share of the rate';
    COMMENT ON COLUMN lines.failures IS 'calls that failed in a row';
    COMMENT ON COLUMN lines.broken_until IS 'null while calls work; once it has come, one process tries one message';
    COMMENT ON COLUMN lines.seen_at IS 'when a living process last had it configured; null until one did';
    INSERT INTO lines (name, channel, state, code, reason, since)
    SELECT CASE channel WHEN 'sms' THEN 'kavenegar' ELSE 'smtp' END, channel, state, code, reason, since FROM channels;
    DROP TABLE channels;

    ALTER TABLE alerts ADD COLUMN line text, ADD COLUMN by_template boolean NOT NULL DEFAULT false;
    COMMENT ON COLUMN alerts.line IS 'of the latest attempt, drawn with its number; null means the first line of the channel';
    COMMENT ON COLUMN alerts.by_template IS 'its recipient blocks the line: the attempt after that, the last, goes by the template';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE alerts DROP COLUMN by_template, DROP COLUMN line;
    CREATE TABLE channels (
      channel text PRIMARY KEY,
      state text NOT NULL CHECK (state IN ('open', 'closed', 'paused')),
      code text,
      reason text,
      since timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON COLUMN channels.state IS 'closed: a person must act; paused: opens again by itself';
    INSERT INTO channels (channel, state, code, reason, since)
    SELECT channel, state, code, reason, since FROM lines WHERE name IN ('kavenegar', 'smtp');
    DROP TABLE lines;
  `);
}
