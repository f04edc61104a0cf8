import { API_REQUIRED_SETTINGS, loadConfig } from '../core/platform/config';
import { createLog } from '../core/platform/log';
import { closeOnSignal, runEntry } from '../core/platform/shutdown';
import { startApi } from './start-api';

runEntry(async () => {
  const config = loadConfig(process.env, API_REQUIRED_SETTINGS);
  const log = createLog('api', config.LOG_LEVEL);
  const api = await startApi(config, { log });
  log.info({ at: api.address }, 'listening');
  closeOnSignal([{ name: 'api', close: api.close }], log);
});
