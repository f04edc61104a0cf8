import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { AblaghUnreachable } from './errors';
import type { BatchAnswer, Notice } from './notice';
import { createRetryPolicy } from './retry';
import type { Transport } from './transport';
import { createUnansweredNotices, type UnansweredNotices } from './unanswered-notices';

interface BatchDependencies {
  transport: Transport;
  /** Milliseconds after which a connection on which nothing moves is given up. */
  timeout: number;
  retries: number;
}

/** Sends notices and gives their answers in order; see `createHttpClient`. */
export async function* sendBatch(
  deps: BatchDependencies,
  notices: Iterable<Notice> | AsyncIterable<Notice>,
): AsyncGenerator<BatchAnswer> {
  const lines = createUnansweredNotices(notices);
  const patience = createRetryPolicy(deps.retries);
  let line = 0;
  try {
    while (await lines.fill()) {
      try {
        for await (const answer of exchange(deps, lines)) {
          patience.reset();
          line += 1;
          yield { ...answer, line };
        }
      } catch (error) {
        await patience.waitOrThrow(error);
      }
      lines.rewind();
    }
    lines.throwSourceError();
  } finally {
    await lines.close();
  }
}

/** One request: lines go up and answers come down until either ends. */
async function* exchange(
  { transport, timeout }: BatchDependencies,
  lines: UnansweredNotices,
): AsyncGenerator<BatchAnswer> {
  const request = transport.open('POST', 'v1/notices/batch', { 'content-type': 'application/x-ndjson' });
  const stop = new AbortController();
  const watch = watchProgress(timeout, () => {
    if (lines.inFlight > 0) request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
  });
  upload(request, lines, watch.moved, stop.signal).catch(() => {});
  try {
    const response = await transport.responseHead(request);
    for await (const answer of readAnswers(transport, response)) {
      // This line and all after it were not looked at.
      if (answer.status === 503) throw new AblaghUnreachable('the API is unavailable', { status: 503 });
      lines.settleOldest();
      // However long the reader of the answers takes, that is no stall.
      watch.rest();
      yield answer;
      watch.resume();
    }
    if (lines.inFlight > 0) throw new AblaghUnreachable('the API ended its answer too early');
  } finally {
    watch.end();
    stop.abort();
    request.destroy();
  }
}

/** Writes lines as fast as they are taken. Ends the request when there is nothing to add to it. */
async function upload(
  request: ClientRequest,
  lines: UnansweredNotices,
  moved: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (await lines.fill()) {
    if (signal.aborted) return;
    if (!request.write(lines.nextLine())) await once(request, 'drain', { signal });
    moved();
  }
  request.end();
}

/** Calls `onStall` every time nothing has moved for `timeout` milliseconds, unless it rests. */
function watchProgress(timeout: number, onStall: () => void) {
  let resting = false;
  const timer = setTimeout(() => {
    if (!resting) onStall();
    timer.refresh();
  }, timeout);
  return {
    moved: () => void timer.refresh(),
    rest(): void {
      resting = true;
    },
    resume(): void {
      resting = false;
      timer.refresh();
    },
    end: () => clearTimeout(timer),
  };
}

async function* readAnswers(transport: Transport, response: IncomingMessage): AsyncGenerator<BatchAnswer> {
  response.setEncoding('utf8');
  let held = '';
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const complete = `${held}${chunk}`.split('\n');
      held = complete.pop() as string;
      for (const answer of complete) yield JSON.parse(answer);
    }
  } catch (error) {
    throw transport.connectionError(error);
  }
}
