import type { Knex } from 'knex';

/** The changes of state that an alert may go through; `core/alerts/states.ts` names the verbs behind them, and a test compares both. */
const TRANSITIONS: Record<string, string[]> = {
  queued: ['sending', 'expired', 'cancelled', 'unknown'],
  sending: ['queued', 'sent', 'failed', 'unknown'],
  sent: ['delivered', 'failed', 'unknown', 'queued'],
  unknown: ['sending', 'delivered', 'failed', 'queued', 'sent'],
  failed: ['queued'],
  expired: ['queued'],
};

const quoted = (names: string[]): string => names.map((name) => `'${name}'`).join(', ');
const BRANCHES = Object.entries(TRANSITIONS).map(
  ([from, to]) => `WHEN '${from}' THEN NEW.state IN (${quoted(to)})`,
);

/**
 * Alerts change their state only as the code says. The pairs stand in the condition of the trigger, so that an allowed change
 * calls no function. It is an AFTER trigger, because a BEFORE trigger locks the row once more before it looks at the condition.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION refuse_alert_transition() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'alert % cannot go from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'check_violation';
      END
    $$;
    CREATE TRIGGER alert_transitions AFTER UPDATE OF state ON alerts FOR EACH ROW
      WHEN (OLD.state <> NEW.state AND NOT CASE OLD.state ${BRANCHES.join(' ')} ELSE false END)
      EXECUTE FUNCTION refuse_alert_transition();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TRIGGER alert_transitions ON alerts; DROP FUNCTION refuse_alert_transition');
}
