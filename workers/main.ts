import { constants, setPriority } from 'node:os';
import { loadConfig, WORKERS_REQUIRED_SETTINGS } from '../core/platform/config';
import { createLog } from '../core/platform/log';
import { closeOnSignal, runEntry } from '../core/platform/shutdown';
import { startWorkers } from './start-workers';

runEntry(async () => {
  // On a machine that both share, the API goes before the workers: senders wait for its answers, and alerts may take a while.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const config = loadConfig(process.env, WORKERS_REQUIRED_SETTINGS);
  const log = createLog('workers', config.LOG_LEVEL);
  closeOnSignal(await startWorkers(config, log), log);
});
