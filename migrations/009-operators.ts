import type { Knex } from 'knex';

/** Creates operators, their sessions, the audit of their actions, and the lanes they pause. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE operators (
      id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      name text NOT NULL UNIQUE,
      role text NOT NULL CHECK (role IN ('viewer', 'operator')),
      password_hash text NOT NULL,
      added_at timestamptz NOT NULL DEFAULT now(),
      removed_at timestamptz
    );
    COMMENT ON COLUMN operators.password_hash IS 'scrypt, with its parameters and salt';

    CREATE TABLE operator_tries (
      name_hash bytea PRIMARY KEY,
      wrong_in_a_row smallint NOT NULL,
      tried_at timestamptz NOT NULL DEFAULT now(),
      locked_until timestamptz
    );
    COMMENT ON TABLE operator_tries IS 'wrong passwords; also for names nobody has: who tries cannot tell them apart';
    COMMENT ON COLUMN operator_tries.name_hash IS 'SHA-256 of what was typed, which may be a password in the wrong field';
    CREATE INDEX operator_tries_tried_at ON operator_tries (tried_at);

    CREATE TABLE operator_sessions (
      token_hash bytea PRIMARY KEY,
      operator_id integer NOT NULL REFERENCES operators,
      started_at timestamptz NOT NULL DEFAULT now(),
      used_at timestamptz NOT NULL DEFAULT now(),
      ended_at timestamptz
    );
    COMMENT ON COLUMN operator_sessions.token_hash IS 'SHA-256 of the token in the cookie; the token itself is nowhere';

    CREATE TABLE audit (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      at timestamptz NOT NULL DEFAULT now(),
      operator text NOT NULL,
      role text NOT NULL,
      action text NOT NULL,
      subject text NOT NULL,
      reason text,
      outcome text NOT NULL CHECK (outcome IN ('done', 'refused', 'overtaken')),
      touched integer NOT NULL DEFAULT 0,
      request_id uuid UNIQUE
    );
    COMMENT ON TABLE audit IS 'what operators did or tried to do; never a personal datum';
    COMMENT ON COLUMN audit.outcome IS 'overtaken: what it was about had changed meanwhile, so nothing was done';
    COMMENT ON COLUMN audit.request_id IS 'names one showing of a form: sent twice, it has one effect';
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

    CREATE TABLE lane_pauses (
      channel text NOT NULL CHECK (channel IN ('sms', 'email')),
      lane text NOT NULL CHECK (lane IN ('urgent', 'normal', 'bulk')),
      since timestamptz NOT NULL DEFAULT now(),
      operator text NOT NULL,
      reason text NOT NULL,
      PRIMARY KEY (channel, lane)
    );
    COMMENT ON TABLE lane_pauses IS 'lanes an operator holds back; here, so that a wiped Redis does not forget them';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE lane_pauses, audit, operator_sessions, operator_tries, operators');
}
