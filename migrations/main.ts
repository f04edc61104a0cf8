import { loadConfig } from '../core/platform/config';
import { createLog } from '../core/platform/log';
import { runEntry } from '../core/platform/shutdown';
import { migrate } from './migrate';

runEntry(async () => {
  const config = loadConfig(process.env, ['DATABASE_URL']);
  const log = createLog('migrate', config.LOG_LEVEL);
  const applied = await migrate(config.DATABASE_URL);
  log.info({ applied }, applied.length > 0 ? 'migrated' : 'nothing to migrate');
});
