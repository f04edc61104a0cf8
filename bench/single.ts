import http from 'node:http';
import { runAtConstantRate } from './constant-rate';
import { microsecondsPerItem } from './cpu-time';
import type { Environment } from './environment';
import { type BenchResult, compareToLimit, describeCpu, percentile } from './figures';
import { notice, populate, type Sender } from './population';
import { preciseNow } from './precise-now';
import { startApi, startSink, startWorkers } from './system';

const REQUESTS_PER_SECOND = 200;
const WARM_UP_SECONDS = 5;
const ACCEPT_LIMIT_MS = 50;
const HANDOVER_LIMIT_MS = 150;

/** A request: the times at which it was due and answered, and the tracking number of the accepted notice. */
interface Exchange {
  due: number;
  answered: number;
  trackingNumber: string | null;
}

/**
 * Measures notices that come one by one at a constant rate, whether or not earlier ones are answered, while the workers send their SMS
 * and emails.
 */
export async function benchSingle(env: Environment, seconds: number): Promise<BenchResult> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const sender = await populate(db, ['mobile', 'email']);
  const sms = await startSink(env, db, 'sms-sink', { NOTE_ARRIVALS: '1' });
  const mail = await startSink(env, db, 'email-sink');
  const workers = await startWorkers(env, db, { smsUrl: sms.url, smtpUrl: mail.url });
  const api = await startApi(env, db);

  const warm = await sendNotices(api.url, sender, 'warm', WARM_UP_SECONDS);
  const before = env.cpu();
  const exchanges = await sendNotices(api.url, sender, 'single', seconds);
  const after = env.cpu();
  const accepted = exchanges.filter(({ trackingNumber }) => trackingNumber !== null);
  await sms.waitForMessages(warm.length + accepted.length);
  sms.send({ arrivals: true });
  const { arrivals } = await sms.nextMessage<{ arrivals: [string, number][] }>();
  for (const process of [api, workers, sms, mail]) await process.stop();
  await db.close();

  const arrivedAt = new Map(arrivals);
  const waits = accepted.map(({ due, answered }) => answered - due);
  const handovers = accepted.flatMap(({ answered, trackingNumber }) => {
    const at = arrivedAt.get(trackingNumber as string);
    return at === undefined ? [] : Math.max(0, at - answered);
  });
  return {
    figures: [
      ...percentiles('from the request to its 202', waits, ACCEPT_LIMIT_MS),
      ...percentiles('from the 202 to the SMS provider', handovers, HANDOVER_LIMIT_MS),
      expectNone('requests not accepted', exchanges.length - accepted.length),
      expectNone('accepted, SMS not seen', accepted.length - handovers.length),
    ],
    remarks: [
      `single: ${exchanges.length} requests, ${REQUESTS_PER_SECOND} a second for ${seconds} s`,
      describeCpu('single', 'notice', microsecondsPerItem(before, after, exchanges.length)),
    ],
  };
}

const percentiles = (what: string, values: number[], limit: number) =>
  [50, 95, 99].map((p) =>
    compareToLimit('single', { what: `${what}, p${p}`, value: percentile(values, p), unit: 'ms' }, limit),
  );

const expectNone = (what: string, value: number) => compareToLimit('single', { what, value, unit: '' }, 0);

async function sendNotices(
  url: string,
  sender: Sender,
  prefix: string,
  seconds: number,
): Promise<Exchange[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const exchanges = await runAtConstantRate(REQUESTS_PER_SECOND, seconds, async (n, due) => {
    const body = JSON.stringify(notice(prefix, n));
    const trackingNumber = await sendNotice(`${url}/v1/notices`, agent, sender, body);
    return { due, answered: preciseNow(), trackingNumber };
  });
  agent.destroy();
  return exchanges;
}

/** Sends a notice. @returns its tracking number; null when it was not accepted */
function sendNotice(
  url: string,
  agent: http.Agent,
  { apiKey }: Sender,
  body: string,
): Promise<string | null> {
  return new Promise((resolve) => {
    const request = http.request(url, {
      agent,
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    });
    request.once('error', () => resolve(null));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', () => resolve(null));
      response.once('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        resolve(response.statusCode === 202 ? answer.trackingNumber : null);
      });
    });
    request.end(body);
  });
}
