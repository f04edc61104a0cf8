import { Agent, request } from 'node:http';
import { request as requestOverTls } from 'node:https';

const TICK_MS = 100;
const CONCURRENCY = 8;
const REQUEST_TIMEOUT_MS = 5_000;

/** Sends delivery reports the way the service does: one POST per message, never repeated. */
export interface DeliveryCallbacks {
  /** @param dueAt milliseconds of the clock; Infinity for never */
  schedule(messageId: number, dueAt: number, status: () => number): void;
  /** Drops the reports that are not sent yet. */
  close(): void;
}

interface DueCallback {
  messageId: number;
  status: () => number;
}

/** @param url receives form-encoded `messageid` and `status`; its answer and its errors are ignored */
export function createDeliveryCallbacks(url: string, now: () => number): DeliveryCallbacks {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const buckets = new Map<number, DueCallback[]>();
  let ready: DueCallback[] = [];
  /** Index of the next report in `ready`; taking items from the front of a long array would copy it each time. */
  let next = 0;
  let active = 0;
  let timer: NodeJS.Timeout | undefined;

  const collect = () => {
    const current = now() / TICK_MS;
    for (const [tick, due] of buckets) {
      if (tick > current) continue;
      buckets.delete(tick);
      for (const one of due) ready.push(one);
    }
    if (buckets.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    pump();
  };
  const pump = () => {
    while (active < CONCURRENCY) {
      const due = ready[next];
      if (!due) {
        ready = [];
        next = 0;
        return;
      }
      next += 1;
      active += 1;
      post(url, agent, `messageid=${due.messageId}&status=${due.status()}`, () => {
        active -= 1;
        pump();
      });
    }
  };
  return {
    schedule(messageId, dueAt, status) {
      if (!Number.isFinite(dueAt)) return;
      const tick = Math.ceil(dueAt / TICK_MS);
      const bucket = buckets.get(tick);
      if (bucket) bucket.push({ messageId, status });
      else buckets.set(tick, [{ messageId, status }]);
      timer ??= setInterval(collect, TICK_MS);
    },
    close() {
      clearInterval(timer);
      buckets.clear();
      ready = [];
      next = 0;
      agent.destroy();
    },
  };
}

function post(url: string, agent: Agent, body: string, done: () => void): void {
  const secure = url.startsWith('https:');
  const call = (secure ? requestOverTls : request)(url, {
    method: 'POST',
    ...(!secure && { agent }),
    timeout: REQUEST_TIMEOUT_MS,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
    },
  });
  call.on('response', (response) => response.resume());
  call.on('timeout', () => call.destroy());
  call.on('error', () => {});
  call.on('close', done);
  call.end(body);
}
