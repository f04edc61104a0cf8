import type { Knex } from 'knex';

/** Creates views by the owner of a notice, permits of the owner, and inquiries of government bodies. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE views (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      notice_id uuid NOT NULL REFERENCES notices,
      at timestamptz NOT NULL DEFAULT now(),
      actor text NOT NULL
    );

    CREATE TABLE permits (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      notice_id uuid NOT NULL REFERENCES notices,
      source_id integer NOT NULL,
      employer_id bigint NOT NULL REFERENCES employers,
      duration text NOT NULL CHECK (duration IN ('day', 'week', 'month', 'year')),
      state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked', 'expired')),
      passcode_hash bytea NOT NULL,
      passcode_cipher bytea,
      issued_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      ended_at timestamptz,
      first_inquired_at timestamptz,
      UNIQUE (employer_id, passcode_hash),
      CHECK ((state = 'active') = (passcode_cipher IS NOT NULL))
    ) WITH (fillfactor = 80);
    COMMENT ON COLUMN permits.state IS 'an active permit holds only until expires_at: ask the clock as well';
    COMMENT ON COLUMN permits.passcode_hash IS 'keyed by SECRET_KEY; kept, so that a passcode never comes again';
    COMMENT ON COLUMN permits.passcode_cipher IS 'AES-256-GCM, for its owner to read; gone when the permit ends';
    CREATE UNIQUE INDEX permits_live ON permits (notice_id) WHERE state = 'active';
    CREATE INDEX permits_notice ON permits (notice_id, issued_at DESC, id DESC);
    CREATE INDEX permits_due ON permits (expires_at) WHERE state = 'active';
    CREATE INDEX outbox_permits ON outbox (subject_id) WHERE queue = 'permits';

    CREATE TABLE inquiries (
      id uuid PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT now(),
      national_id text,
      body_name text NOT NULL,
      address text NOT NULL,
      address_group text NOT NULL,
      actor text NOT NULL,
      outcome text NOT NULL CHECK (outcome IN ('answered', 'no_permit', 'locked_out')),
      permit_id bigint REFERENCES permits
    );
    COMMENT ON TABLE inquiries IS 'every try, right or wrong; never the passcode';
    COMMENT ON COLUMN inquiries.national_id IS 'null when what was typed is none';
    COMMENT ON COLUMN inquiries.address_group IS 'what wrong tries are counted by: an IPv4 address, or the /64 of an IPv6 address';
    COMMENT ON COLUMN inquiries.permit_id IS 'the permit the passcode is or was of, when there is one';
    CREATE INDEX inquiries_wrong_national_id ON inquiries (national_id, at) WHERE outcome = 'no_permit';
    CREATE INDEX inquiries_wrong_address ON inquiries (address_group, at) WHERE outcome = 'no_permit';

    CREATE TABLE inquiry_locks (
      subject text PRIMARY KEY,
      level smallint NOT NULL,
      locked_until timestamptz NOT NULL
    );
    COMMENT ON COLUMN inquiry_locks.level IS 'how often it was locked in a row: each lock is twice as long as the one before';

    ALTER TABLE alerts ADD COLUMN text text;
    COMMENT ON COLUMN alerts.text IS 'what an SMS says that is about the notice without being its alert; null for the alert itself';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE alerts DROP COLUMN text;
    DROP INDEX outbox_permits;
    DROP TABLE inquiry_locks, inquiries, permits, views;
  `);
}
