import { constants, setPriority } from 'node:os';
import { loadConfig, WORKERS_REQUIRED_SETTINGS } from '../core/platform/config';
import { createLog } from '../core/platform/log';
import { closeOnSignal, runEntry } from '../core/platform/shutdown';
import { startWorkers } from './start-workers';

runEntry(async () => {
  // On a machine they share, whoever hands a notice in goes before alerts, which may take a while.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const config = loadConfig(process.env, WORKERS_REQUIRED_SETTINGS);
  const log = createLog('workers', config.LOG_LEVEL);
  closeOnSignal(await startWorkers(config, log), log);
});
