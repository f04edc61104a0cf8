import type { Knex } from 'knex';

/** Creates the append-only events, and the outbox with the work that is left. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE events (
      seq bigint GENERATED ALWAYS AS IDENTITY,
      tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
      at timestamptz NOT NULL DEFAULT now(),
      source_id integer NOT NULL,
      type text NOT NULL,
      notice_id uuid,
      actor text NOT NULL,
      data json NOT NULL,
      PRIMARY KEY (source_id, tx, seq)
    );
    COMMENT ON COLUMN events.tx IS 'readers stop before the oldest running transaction, so a late commit is never skipped';
    COMMENT ON COLUMN events.data IS 'canonical JSON, kept to the letter';
    CREATE INDEX events_notice ON events (notice_id, seq) WHERE notice_id IS NOT NULL;

    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

    CREATE TABLE outbox (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      queue text NOT NULL,
      subject_id bigint NOT NULL,
      run_at timestamptz NOT NULL,
      relay_at timestamptz NOT NULL
    ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
    COMMENT ON TABLE outbox IS 'a row is due work; it exists until its effect is committed';
    COMMENT ON COLUMN outbox.relay_at IS 'when the relay should next look: pending once this has come, published while it lies ahead';
    CREATE INDEX outbox_relay ON outbox (queue, relay_at);

    CREATE TABLE queue_epoch (
      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
      epoch text NOT NULL
    );
    COMMENT ON TABLE queue_epoch IS 'a Redis without this mark has lost its jobs';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE queue_epoch, outbox, events; DROP FUNCTION refuse_change');
}
