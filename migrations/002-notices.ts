import type { Knex } from 'knex';

/** Creates notices, their attachments, and refusals with their reasons. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE SEQUENCE tracking_numbers START 10000000000;

    CREATE TABLE notices (
      id uuid PRIMARY KEY,
      source_id integer NOT NULL REFERENCES source_systems,
      reference text NOT NULL,
      content_hash bytea NOT NULL,
      tracking_number bigint NOT NULL UNIQUE,
      employer_id bigint NOT NULL REFERENCES employers,
      workshop_code text NOT NULL,
      subject text NOT NULL,
      sms_text text NOT NULL,
      kind text,
      priority text NOT NULL CHECK (priority IN ('urgent', 'normal', 'bulk')),
      accepted_at timestamptz NOT NULL,
      registered_at timestamptz NOT NULL,
      first_viewed_at timestamptz,
      UNIQUE (source_id, reference)
    );
    COMMENT ON COLUMN notices.content_hash IS 'SHA-256 of the canonical request: the same reference with other content is a conflict';
    COMMENT ON COLUMN notices.accepted_at IS 'taken from the sender';
    COMMENT ON COLUMN notices.registered_at IS 'in the inbox: the legal date';
    CREATE INDEX notices_inbox ON notices (employer_id, registered_at DESC, id DESC);

    CREATE TABLE attachments (
      id uuid PRIMARY KEY,
      notice_id uuid NOT NULL REFERENCES notices,
      position smallint NOT NULL,
      file_name text NOT NULL,
      content_type text NOT NULL,
      size integer NOT NULL,
      sha256 bytea NOT NULL,
      UNIQUE (notice_id, position)
    );
    COMMENT ON TABLE attachments IS 'the bytes lie in the attachment store under the id';

    CREATE TABLE refusals (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      at timestamptz NOT NULL DEFAULT now(),
      door text NOT NULL CHECK (door IN ('http', 'batch', 'queue')),
      source_id integer REFERENCES source_systems,
      key_id text,
      reference text,
      code text NOT NULL,
      detail text NOT NULL
    );
    COMMENT ON TABLE refusals IS 'source_id is null when nobody could be held to it, as with a wrong signature';
    CREATE INDEX refusals_at ON refusals (at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE refusals, attachments, notices; DROP SEQUENCE tracking_numbers');
}
