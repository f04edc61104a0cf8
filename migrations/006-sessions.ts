import type { Knex } from 'knex';

/** Creates the sessions of employers, and the one-time codes to sign in with. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE sessions (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      token_hash bytea NOT NULL UNIQUE,
      employer_id bigint NOT NULL REFERENCES employers,
      mobile text NOT NULL,
      started_at timestamptz NOT NULL DEFAULT now(),
      used_at timestamptz NOT NULL DEFAULT now(),
      ended_at timestamptz
    );
    COMMENT ON COLUMN sessions.token_hash IS 'SHA-256 of the token in the cookie; the token itself is nowhere';
    COMMENT ON COLUMN sessions.mobile IS 'where the login code went: whose session it is';
    CREATE INDEX sessions_open ON sessions (employer_id) WHERE ended_at IS NULL;

    CREATE TABLE login_codes (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      national_id text NOT NULL,
      visitor_hash bytea NOT NULL,
      address_hash bytea NOT NULL,
      code_hash bytea NOT NULL,
      code_cipher bytea,
      requested_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      wrong_tries smallint NOT NULL DEFAULT 0,
      ended_at timestamptz,
      local_id bigint,
      mobile text
    );
    COMMENT ON TABLE login_codes IS 'also for national IDs nobody has: who asks cannot tell them apart';
    COMMENT ON COLUMN login_codes.visitor_hash IS 'SHA-256 of the cookie of the browser that asked; the code works nowhere else';
    COMMENT ON COLUMN login_codes.code_cipher IS 'AES-256-GCM, until it is sent';
    COMMENT ON COLUMN login_codes.ended_at IS 'used, replaced by a newer one, or tried too often';
    COMMENT ON COLUMN login_codes.local_id IS 'given to the SMS provider: a repeat sends nothing';
    COMMENT ON COLUMN login_codes.mobile IS 'where it was sent';
    CREATE UNIQUE INDEX login_codes_active ON login_codes (national_id) WHERE ended_at IS NULL;
    CREATE INDEX login_codes_national_id ON login_codes (national_id, requested_at);
    CREATE INDEX login_codes_address ON login_codes (address_hash, requested_at);
    CREATE INDEX login_codes_visitor ON login_codes (visitor_hash, requested_at);
    CREATE INDEX login_codes_requested_at ON login_codes (requested_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE login_codes, sessions');
}
