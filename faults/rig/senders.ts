import { setTimeout as delay } from 'node:timers/promises';
import { AblaghRefused, createHttpClient, createQueueClient, type Notice } from '../../client';
import { LANES } from '../../core/platform/queues';
import type { DoorName, Ledger } from './ledger';
import { type LoadGenerator, startLoad } from './load-generator';
import { type Employer, type Population, WORKSHOP_CODE } from './population';

/** Milliseconds between two notices, or two batches, of each intake. */
const INTERVALS_MS = { http: 240, queue: 480, batch: 3_000 };
const BATCH_SIZE = 20;
const REQUEST_TIMEOUT_MS = 8_000;
/** The time a sender waits for the answer to a pushed notice before it pushes again. */
const QUEUE_ANSWER_TIMEOUT_MS = 6_000;
const RETRY_DELAY_MS = 500;

export interface SendersOptions {
  apiUrl: string;
  redisUrl: string;
  population: Population;
  ledger: Ledger;
}

/**
 * Starts internal systems that send notices of all priorities through every intake, at a steady rate. They do what the documents
 * ask of a sender: a notice without an answer is sent again, under the same reference, until it has one.
 */
export function startSenders({ apiUrl, redisUrl, population, ledger }: SendersOptions): LoadGenerator[] {
  const { apiKey, employers } = population;
  const http = createHttpClient({
    url: apiUrl,
    apiKey,
    timeout: REQUEST_TIMEOUT_MS,
    retries: Number.POSITIVE_INFINITY,
  });
  const queue = createQueueClient({ apiKey, redisUrl, timeout: REQUEST_TIMEOUT_MS });
  let counter = 0;

  const write = (door: DoorName): Notice => {
    const n = counter++;
    const reference = `${door}-${n}`;
    const lane = door === 'batch' ? 'bulk' : (LANES[n % LANES.length] ?? 'normal');
    const { nationalId, mobile, email } = employers[n % employers.length] as Employer;
    ledger.recordRequest({ reference, door, priority: lane, nationalId, mobile, email });
    return {
      reference,
      priority: lane,
      recipient: { nationalId, workshopCode: WORKSHOP_CODE },
      subject: 'اعلام سابقه',
    };
  };

  const sendOne = async (notice: Notice): Promise<void> => {
    const answer = await retryServerErrors(ledger, () => http.send(notice));
    ledger.acknowledge(notice.reference, answer);
  };
  const sendBatch = async (notices: Notice[]): Promise<void> => {
    let line = 0;
    for await (const answer of http.sendBatch(notices)) {
      const { reference } = notices[line++] as Notice;
      if ('id' in answer) ledger.acknowledge(reference, answer);
      else ledger.violations.push(`batch: ${reference} was refused (${answer.status} ${answer.code})`);
    }
  };
  const push = async (notice: Notice): Promise<void> => {
    for (;;) {
      const answer = await queue.send(notice, { wait: QUEUE_ANSWER_TIMEOUT_MS }).catch((error: unknown) => {
        if (error instanceof AblaghRefused) throw error;
        return delay(RETRY_DELAY_MS);
      });
      if (answer && 'id' in answer) return ledger.acknowledge(notice.reference, answer);
    }
  };

  const recordError = (error: Error) => ledger.violations.push(error.message);
  return [
    startLoad(INTERVALS_MS.http, () => sendOne(write('http')), recordError),
    startLoad(INTERVALS_MS.queue, () => push(write('queue')), recordError),
    startLoad(
      INTERVALS_MS.batch,
      () => sendBatch(Array.from({ length: BATCH_SIZE }, () => write('batch'))),
      recordError,
    ),
  ];
}

/** A sender should never see a 500: it is recorded as a violation, and the notice is sent again. */
async function retryServerErrors<T>(ledger: Ledger, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AblaghRefused) || error.status < 500) throw error;
      ledger.violations.push(`the API answered ${error.status} ${error.code}`);
      await delay(RETRY_DELAY_MS);
    }
  }
}
