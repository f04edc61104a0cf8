import type { Knex } from 'knex';

/** Creates alerts, attempts, delivery reports of providers, and the states of channels. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE alerts (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      notice_id uuid NOT NULL REFERENCES notices,
      source_id integer NOT NULL,
      channel text NOT NULL CHECK (channel IN ('sms', 'email')),
      lane text NOT NULL CHECK (lane IN ('urgent', 'normal', 'bulk')),
      address text NOT NULL,
      state text NOT NULL DEFAULT 'queued' CHECK (state IN
        ('queued', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'expired', 'cancelled')),
      reason text,
      attempt_id bigint,
      attempt_at timestamptz,
      attempt_count smallint NOT NULL DEFAULT 0,
      claimed_at timestamptz,
      sent_at timestamptz,
      expires_at timestamptz NOT NULL
    ) WITH (fillfactor = 45);
    COMMENT ON TABLE alerts IS 'half of each page stays free: an alert changes twice on its way, and in place that costs no index entry';
    COMMENT ON COLUMN alerts.reason IS 'why an alert ended as it did, in words an operator understands';
    COMMENT ON COLUMN alerts.attempt_id IS 'the latest attempt, drawn before a byte leaves; its row comes with its outcome';
    COMMENT ON COLUMN alerts.claimed_at IS 'names the latest claim; only its owner may settle the alert';
    CREATE INDEX alerts_notice ON alerts (notice_id);

    CREATE SEQUENCE attempt_ids;
    CREATE TABLE attempts (
      id bigint NOT NULL,
      alert_id bigint NOT NULL,
      provider text NOT NULL,
      at timestamptz NOT NULL,
      settled_at timestamptz NOT NULL DEFAULT now(),
      outcome text NOT NULL CHECK (outcome IN ('accepted', 'rejected', 'try_later', 'not_sent', 'unknown')),
      code text,
      provider_message_id text,
      parts smallint,
      cost integer,
      detail text,
      PRIMARY KEY (alert_id, id)
    );
    COMMENT ON COLUMN attempts.id IS 'given to the SMS provider as localid: a repeat sends nothing';
    COMMENT ON COLUMN attempts.alert_id IS 'no foreign key: it is written with its alert in one statement, and checking costs a tenth of a send';
    COMMENT ON COLUMN attempts.outcome IS 'never changed once it is final: only unknown may become something else';
    COMMENT ON COLUMN attempts.cost IS 'Rial';
    CREATE INDEX attempts_provider_message ON attempts (provider_message_id) WHERE provider_message_id IS NOT NULL;

    CREATE TABLE sms_callbacks (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      provider_message_id text NOT NULL,
      status integer NOT NULL,
      received_at timestamptz NOT NULL DEFAULT now(),
      matched boolean,
      UNIQUE (provider_message_id, status)
    );
    COMMENT ON COLUMN sms_callbacks.matched IS 'null until looked into; false when no attempt has this message id';

    CREATE TABLE channels (
      channel text PRIMARY KEY,
      state text NOT NULL CHECK (state IN ('open', 'closed', 'paused')),
      code text,
      reason text,
      since timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON COLUMN channels.state IS 'closed: a person must act; paused: opens again by itself';
    INSERT INTO channels (channel, state) VALUES ('sms', 'open'), ('email', 'open');
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE channels, sms_callbacks, attempts, alerts; DROP SEQUENCE attempt_ids');
}
