import type { Knex } from 'knex';

/** Makes views and settled attempts append-only, as events and the audit are. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TRIGGER attempts_final
      BEFORE UPDATE OF id, alert_id, provider, outcome, code, provider_message_id, parts, cost, detail ON attempts
      FOR EACH ROW WHEN (OLD.outcome <> 'unknown') EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER attempts_kept BEFORE DELETE OR TRUNCATE ON attempts
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER views_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON views
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER views_append_only ON views;
    DROP TRIGGER attempts_kept ON attempts;
    DROP TRIGGER attempts_final ON attempts;
  `);
}
