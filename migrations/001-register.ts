import type { Knex } from 'knex';

/** Creates the senders (source systems and their keys) and the recipients (employers, workshops, service agreements). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE source_systems (
      id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      code text NOT NULL UNIQUE,
      title text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE api_keys (
      id text PRIMARY KEY,
      source_id integer NOT NULL REFERENCES source_systems,
      secret_hash text NOT NULL UNIQUE,
      scopes text[] NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      revoked_at timestamptz
    );
    COMMENT ON COLUMN api_keys.secret_hash IS 'SHA-256 of the whole API key, hex; the key itself is nowhere';

    CREATE TABLE employers (
      id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      national_id text NOT NULL UNIQUE CHECK (national_id ~ '^[0-9]{10,11}$'),
      name text NOT NULL,
      mobile text CHECK (mobile ~ '^[+]989[0-9]{9}$'),
      email text,
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE workshops (
      employer_id bigint NOT NULL REFERENCES employers ON DELETE CASCADE,
      code text NOT NULL CHECK (code ~ '^[0-9]{10}$'),
      name text NOT NULL,
      agreement_signed_at timestamptz,
      agreement_branch text,
      PRIMARY KEY (employer_id, code),
      CHECK ((agreement_signed_at IS NULL) = (agreement_branch IS NULL))
    );
    COMMENT ON COLUMN workshops.agreement_signed_at IS 'without a service agreement no notice is served';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE workshops, employers, api_keys, source_systems');
}
