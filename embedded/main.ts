import { loadConfig } from '../core/platform/config';
import { createLog } from '../core/platform/log';
import { closeOnSignal, runEntry } from '../core/platform/shutdown';
import { printFirstScreen } from './first-screen';
import { assertPortIsFree } from './free-port';
import { startParts } from './start-parts';

runEntry(async () => {
  const config = loadConfig(process.env);
  await assertPortIsFree(config.HOST, config.PORT);
  const system = await startParts(config, process.env);
  printFirstScreen(system);
  closeOnSignal(system.parts, createLog('start', 'silent'), 60_000);
});
