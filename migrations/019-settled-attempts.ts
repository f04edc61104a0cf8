import type { Knex } from 'knex';

/** Protects every column of a settled attempt, also those of later migrations and the times. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER attempts_final ON attempts;
    CREATE TRIGGER attempts_final BEFORE UPDATE ON attempts
      FOR EACH ROW WHEN (OLD.outcome <> 'unknown') EXECUTE FUNCTION refuse_change();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER attempts_final ON attempts;
    CREATE TRIGGER attempts_final
      BEFORE UPDATE OF id, alert_id, provider, outcome, code, provider_message_id, parts, cost, detail ON attempts
      FOR EACH ROW WHEN (OLD.outcome <> 'unknown') EXECUTE FUNCTION refuse_change();
  `);
}
