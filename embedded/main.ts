import { loadConfig } from '../core/platform/config';
import { createLog } from '../core/platform/log';
import { closeOnSignal, runEntry } from '../core/platform/shutdown';
import { assertPortIsFree } from './free-port';
import { startSystem } from './start-system';
import { printStartupBanner } from './startup-banner';

runEntry(async () => {
  const config = loadConfig(process.env);
  await assertPortIsFree(config.HOST, config.PORT);
  const system = await startSystem(config, process.env);
  printStartupBanner(system);
  closeOnSignal(system.closables, createLog('start', 'silent'), 60_000);
});
