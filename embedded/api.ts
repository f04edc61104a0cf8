import { startApi } from '../api/start-api';
import { API_REQUIRED_SETTINGS, loadConfig } from '../core/platform/config';
import { createLog } from '../core/platform/log';
import { closeOnSignal, runEntry } from '../core/platform/shutdown';
import { outboxRoutes } from './outbox/outbox-routes';

/** Runs the production API, with the page that shows the simulators' messages beside it. */
runEntry(async () => {
  const config = loadConfig(process.env, API_REQUIRED_SETTINGS);
  const log = createLog('api', config.LOG_LEVEL);
  const simulators = process.env.SIMULATORS_URL;
  const api = await startApi(config, {
    log,
    async extend(app) {
      if (simulators) await app.register(outboxRoutes(simulators));
    },
  });
  closeOnSignal([{ name: 'api', close: api.close }], log);
});
