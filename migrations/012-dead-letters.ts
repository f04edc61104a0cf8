import type { Knex } from 'knex';

/** Creates the dead letters, and the indexes that find one notice among millions. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE dead_alerts (
      alert_id bigint PRIMARY KEY REFERENCES alerts,
      at timestamptz NOT NULL DEFAULT now(),
      channel text NOT NULL,
      state text NOT NULL CHECK (state IN ('failed', 'unknown', 'expired')),
      cause text NOT NULL
    );
    COMMENT ON TABLE dead_alerts IS 'alerts that ended badly and nobody has dealt with; a table of its own, because an index on their state would make every send dearer';
    COMMENT ON COLUMN dead_alerts.cause IS 'the code of the provider or of ours: what belongs together is mended together';
    CREATE INDEX dead_alerts_cause ON dead_alerts (channel, state, cause, at);
    INSERT INTO dead_alerts (alert_id, at, channel, state, cause)
    SELECT a.id, coalesce(e.at, now()), a.channel, a.state, coalesce(e.code, t.code, 'none')
      FROM alerts a LEFT JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id
      LEFT JOIN LATERAL (
        SELECT at, data->>'code' AS code FROM events
         WHERE notice_id = a.notice_id AND type = 'alert.' || a.state AND data->>'channel' = a.channel AND a.text IS NULL
         ORDER BY seq DESC LIMIT 1) e ON true
     WHERE a.state IN ('failed', 'expired')
        OR (a.state = 'unknown' AND a.id NOT IN (
              SELECT unnest(subject_ids) FROM outbox WHERE queue ~ '^(sms|email)-(urgent|normal|bulk)$'));

    ALTER TABLE refusals ADD COLUMN dealt_with_at timestamptz;
    CREATE INDEX refusals_open ON refusals (code, at) WHERE dealt_with_at IS NULL;
    ALTER TABLE sms_callbacks ADD COLUMN dealt_with_at timestamptz;
    CREATE INDEX sms_callbacks_open ON sms_callbacks (received_at) WHERE matched = false AND dealt_with_at IS NULL;

    CREATE INDEX alerts_address ON alerts (address, id);
    CREATE INDEX employers_mobile ON employers (mobile) WHERE mobile IS NOT NULL;
    CREATE INDEX inquiries_permit ON inquiries (permit_id, at) WHERE permit_id IS NOT NULL;
    CREATE INDEX audit_subject ON audit (subject, id);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX audit_subject, inquiries_permit, employers_mobile, alerts_address, sms_callbacks_open, refusals_open;
    ALTER TABLE sms_callbacks DROP COLUMN dealt_with_at;
    ALTER TABLE refusals DROP COLUMN dealt_with_at;
    DROP TABLE dead_alerts;
  `);
}
