import { secretKeysOf } from '../core/platform/derived-keys';
import { runPeriodically } from '../core/platform/run-periodically';
import type { Closable } from '../core/platform/shutdown';
import { applyRetention } from '../core/retention/apply-retention';
import { createLoginCodes } from '../core/sessions/login-codes';
import { sweepPermits } from './expire-permits';
import type { WorkersConfig, WorkersResources } from './open-resources';
import { expireBlocked, registerLines, reopenPausedLines } from './watch-channels';

const WATCH_EVERY_MS = 30_000;
/** Lines are registered so often that a line in use always counts. */
const REGISTER_EVERY_MS = 15_000;
const SWEEP_EVERY_MS = 60_000;
const PURGE_EVERY_MS = 60_000;

/**
 * Starts the tasks of a workers process that no job asks for.
 *
 * @param kick starts a round of the relay
 * @returns the tasks to close, in this order
 */
export function startPeriodicTasks(
  config: WorkersConfig,
  { db, lines, attachments, metrics, log }: WorkersResources,
  kick: () => void,
): Closable[] {
  const registration = runPeriodically(REGISTER_EVERY_MS, 'register-lines', log, () =>
    registerLines({ db, lines }, config.KAVENEGAR_RATE ?? null),
  );
  const watch = runPeriodically(WATCH_EVERY_MS, 'watch-channels', log, async () => {
    await expireBlocked({ db });
    await createLoginCodes(db, secretKeysOf(config)).purgeOld();
    // Last, because it needs an answer of the provider.
    await reopenPausedLines({ db, lines, log, kick });
  });
  const permitSweep = runPeriodically(SWEEP_EVERY_MS, 'sweep-permits', log, () => sweepPermits(db));
  const retention = runPeriodically(PURGE_EVERY_MS, 'forget', log, () =>
    applyRetention({ db, attachments, days: config, log, metrics }),
  );
  return [
    { name: 'watch', close: () => watch.close() },
    { name: 'registration', close: () => registration.close() },
    { name: 'permit sweep', close: () => permitSweep.close() },
    { name: 'retention', close: () => retention.close() },
  ];
}
