import { setTimeout } from 'node:timers/promises';
import { errorFields } from '../core/platform/errors';
import { OUTBOX_QUEUES } from '../core/platform/queues';
import { type EpochDependencies, guardEpoch } from './guard-epoch';
import { publishDue } from './publish-due';

export interface Relay {
  /** Starts a round now. */
  kick(): void;
  /** Ends the relay after its present round. */
  close(): Promise<void>;
}

export interface RelayDependencies extends EpochDependencies {
  /** Milliseconds between two rounds while the outbox is idle. */
  pollEveryMs?: number;
}

const EPOCH_CHECK_MS = 1_000;
const RETRY_AFTER_ERROR_MS = 1_000;
/** The shortest time from one round to the next while little work is due. */
const MIN_ROUND_MS = 50;
/** The number of subjects in a round after which the next round follows at once. */
const BUSY_ROUND_SUBJECTS = 200;

/**
 * Publishes due work from the outbox to BullMQ. Any number of relays may run side by side.
 *
 * Rows are published inside the transaction that claims them: a relay that dies leaves them pending, and a crash between the
 * two only publishes a set twice, whose second job finds nothing to claim.
 */
export function startRelay(deps: RelayDependencies): Relay {
  const { pollEveryMs = 50, log } = deps;
  let closing = false;
  let kicked = false;
  let wake: () => void = () => {};
  let lastEpochCheck = 0;

  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      if (kicked || closing) return resolve();
      const timer = globalThis.setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Waits for rows that come one by one, because a job of ten costs little more than a job of one. */
  const gather = async (began: number) => {
    const left = began + MIN_ROUND_MS - Date.now();
    if (left > 0 && !closing) await setTimeout(left);
  };

  async function round(): Promise<number> {
    if (Date.now() - lastEpochCheck > EPOCH_CHECK_MS) {
      await guardEpoch(deps);
      lastEpochCheck = Date.now();
    }
    return publishDue(deps);
  }

  async function loop(): Promise<void> {
    await deps.backend.warmUp(OUTBOX_QUEUES);
    while (!closing) {
      kicked = false;
      const began = Date.now();
      try {
        const published = await round();
        if (published >= BUSY_ROUND_SUBJECTS) continue;
        if (published === 0) await rest(pollEveryMs);
        await gather(began);
      } catch (error) {
        log.warn(errorFields(error), 'relay is in trouble, nothing is lost');
        kicked = false;
        await rest(RETRY_AFTER_ERROR_MS);
      }
    }
  }

  const ended = loop();
  return {
    kick() {
      kicked = true;
      wake();
    },
    async close() {
      closing = true;
      wake();
      await ended;
    },
  };
}
