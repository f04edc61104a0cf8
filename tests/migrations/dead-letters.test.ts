import { knex } from 'knex';
import { migrationSource } from '../../migrations/index';
import { migrate } from '../../migrations/migrate';
import { checkReceipts } from '../../workers/check-receipts';
import { sendSms } from '../../workers/sms/send-sms';
import { createAlertDesk, outboxIds } from '../support/alert-desk';
import { useDatabase } from '../support/database';
import { emailOfUnknownFate, refusedSms } from '../support/dead-alerts';
import { startProviders } from '../workers/providers';

const test = useDatabase();

/** Migrates down to before the table of dead letters, and up again. */
async function migrateOverIt(): Promise<void> {
  const db = knex({ client: 'pg', connection: test.url, migrations: { migrationSource } });
  const names = await migrationSource.getMigrations([]);
  try {
    for (let i = names.indexOf('012-dead-letters'); i < names.length; i += 1) await db.migrate.down();
  } finally {
    await db.destroy();
  }
  await migrate(test.url);
}

it('fills the new table of dead letters with the alerts that ended badly before', async () => {
  const desk = await createAlertDesk(test.db);
  const providers = await startProviders();
  await refusedSms(test.db, desk, providers, 2);
  await emailOfUnknownFate(test.db, desk, providers);
  const [blocked, doubtful] = await desk.accept(['09990000014', '09990000003']);
  for (const alert of [blocked, doubtful]) {
    if (alert) await sendSms(providers.sendSmsDeps(test.db), 'sms-normal', outboxIds([alert]));
  }
  const reports = await test.db.query<{ id: string }>(`SELECT id FROM outbox WHERE queue = 'sms-receipts'`);
  await checkReceipts(
    providers.receiptDeps(test.db),
    reports.map(({ id }) => id),
  );
  await providers.close();

  const listed = () =>
    test.db.query<{ cause: string }>(
      'SELECT alert_id, channel, state, cause FROM dead_alerts ORDER BY alert_id',
    );
  const before = await listed();
  expect(before.map(({ cause }) => cause)).toEqual(['411', '411', 'ECONNECTION', '14']);
  await migrateOverIt();
  expect(await listed()).toEqual(before);
});
