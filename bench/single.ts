import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
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

  const warm = await sendAtConstantRate(api.url, sender, 'warm', WARM_UP_SECONDS);
  const before = env.cpu();
  const exchanges = await sendAtConstantRate(api.url, sender, 'single', seconds);
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
      compareToLimit('single', 'requests not accepted', exchanges.length - accepted.length, '', 0),
      compareToLimit('single', 'accepted, SMS not seen', accepted.length - handovers.length, '', 0),
    ],
    remarks: [
      `single: ${exchanges.length} requests, ${REQUESTS_PER_SECOND} a second for ${seconds} s`,
      describeCpu('single', 'notice', microsecondsPerItem(before, after, exchanges.length)),
    ],
  };
}

const percentiles = (what: string, values: number[], limit: number) =>
  [50, 95, 99].map((p) => compareToLimit('single', `${what}, p${p}`, percentile(values, p), 'ms', limit));

/** Sends notices at a constant rate: each request starts when it is due, whether or not earlier ones have ended. */
async function sendAtConstantRate(
  url: string,
  sender: Sender,
  prefix: string,
  seconds: number,
): Promise<Exchange[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const began = preciseNow();
  const exchanges: Promise<Exchange>[] = [];
  for (let n = 0; n < REQUESTS_PER_SECOND * seconds; n += 1) {
    const due = began + (n * 1000) / REQUESTS_PER_SECOND;
    const early = due - preciseNow();
    if (early > 0) await delay(early);
    exchanges.push(send(agent, url, sender, JSON.stringify(notice(prefix, n)), due));
  }
  const ended = await Promise.all(exchanges);
  agent.destroy();
  return ended;
}

function send(
  agent: http.Agent,
  url: string,
  { apiKey }: Sender,
  body: string,
  due: number,
): Promise<Exchange> {
  return new Promise((resolve) => {
    const end = (trackingNumber: string | null) => resolve({ due, answered: preciseNow(), trackingNumber });
    const request = http.request(`${url}/v1/notices`, {
      agent,
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    });
    request.once('error', () => end(null));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', () => end(null));
      response.once('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        end(response.statusCode === 202 ? answer.trackingNumber : null);
      });
    });
    request.end(body);
  });
}
