import { setTimeout as delay } from 'node:timers/promises';
import { AblaghRefused, createHttpClient, createQueueClient, type Notice } from '../../client';
import { LANES } from '../../core/platform/queues';
import type { DoorName, Ledger } from './ledger';
import { keepPace, type Pace } from './pace';
import { type Employer, type Population, WORKSHOP } from './population';

/** Milliseconds between two notices, or two batches, at each door. */
const EVERY = { http: 240, queue: 480, batch: 3_000 };
const BATCH_SIZE = 20;
const TIMEOUT_MS = 8_000;
/** How long a sender that pushed a notice waits for its answer before it pushes again. */
const ANSWER_MS = 6_000;
const AGAIN_MS = 500;

export interface Sending {
  apiUrl: string;
  redisUrl: string;
  population: Population;
  ledger: Ledger;
}

/**
 * Internal systems that send notices of all lanes through every door, at a steady rate. They do what the
 * documents tell a sender to do: what has no answer is sent again, under the same reference, until it has one.
 */
export function startSenders({ apiUrl, redisUrl, population, ledger }: Sending): Pace[] {
  const { apiKey, employers } = population;
  const http = createHttpClient({
    url: apiUrl,
    apiKey,
    timeout: TIMEOUT_MS,
    retries: Number.POSITIVE_INFINITY,
  });
  const queue = createQueueClient({ apiKey, redisUrl, timeout: TIMEOUT_MS });
  let counter = 0;

  const write = (door: DoorName): Notice => {
    const n = counter++;
    const reference = `${door}-${n}`;
    const lane = door === 'batch' ? 'bulk' : (LANES[n % LANES.length] ?? 'normal');
    const { nationalId, mobile, email } = employers[n % employers.length] as Employer;
    ledger.ask({ reference, door, lane, nationalId, mobile, email });
    return {
      reference,
      priority: lane,
      recipient: { nationalId, workshopCode: WORKSHOP },
      subject: 'اعلام سابقه',
    };
  };

  const sendOne = async (notice: Notice): Promise<void> => {
    const answer = await untilNotBroken(ledger, () => http.send(notice));
    ledger.acknowledge(notice.reference, answer);
  };
  const sendBatch = async (notices: Notice[]): Promise<void> => {
    let line = 0;
    for await (const answer of http.sendBatch(notices)) {
      const { reference } = notices[line++] as Notice;
      if ('id' in answer) ledger.acknowledge(reference, answer);
      else ledger.complaints.push(`batch: ${reference} was refused (${answer.status} ${answer.code})`);
    }
  };
  const push = async (notice: Notice): Promise<void> => {
    for (;;) {
      const answer = await queue.send(notice, { wait: ANSWER_MS }).catch((error: unknown) => {
        if (error instanceof AblaghRefused) throw error;
        return delay(AGAIN_MS);
      });
      if (answer && 'id' in answer) return ledger.acknowledge(notice.reference, answer);
    }
  };

  const tell = (error: Error) => ledger.complaints.push(error.message);
  return [
    keepPace(EVERY.http, () => sendOne(write('http')), tell),
    keepPace(EVERY.queue, () => push(write('queue')), tell),
    keepPace(EVERY.batch, () => sendBatch(Array.from({ length: BATCH_SIZE }, () => write('batch'))), tell),
  ];
}

/** A 500 is never an answer a sender should see; it is told of, and the notice is sent again. */
async function untilNotBroken<T>(ledger: Ledger, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AblaghRefused) || error.status < 500) throw error;
      ledger.complaints.push(`the API answered ${error.status} ${error.code}`);
      await delay(AGAIN_MS);
    }
  }
}
