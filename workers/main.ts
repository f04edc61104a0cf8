import { loadConfig, WORKERS_NEED } from '../core/platform/config';
import { createLog } from '../core/platform/log';
import { closeOnSignal, runEntry } from '../core/platform/shutdown';
import { startWorkers } from './start-workers';

runEntry(async () => {
  const config = loadConfig(process.env, WORKERS_NEED);
  const log = createLog('workers', config.LOG_LEVEL);
  closeOnSignal(await startWorkers(config, log), log);
});
