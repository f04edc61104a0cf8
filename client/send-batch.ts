import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { AblaghUnreachable } from './errors';
import type { BatchAnswer, Notice } from './notice';
import { createRetryPolicy } from './retry';
import type { Transport } from './transport';
import { createUnansweredNotices, type UnansweredNotices } from './unanswered-notices';

interface BatchDependencies {
  transport: Transport;
  /** Milliseconds after which a stalled connection is given up. */
  timeout: number;
  retries: number;
}

/** Sends notices and gives their answers in order; see `createHttpClient`. */
export async function* sendBatch(
  deps: BatchDependencies,
  notices: Iterable<Notice> | AsyncIterable<Notice>,
): AsyncGenerator<BatchAnswer> {
  const lines = createUnansweredNotices(notices);
  const retryPolicy = createRetryPolicy(deps.retries);
  let line = 0;
  try {
    while (await lines.fill()) {
      try {
        for await (const answer of exchange(deps, lines)) {
          retryPolicy.reset();
          line += 1;
          yield { ...answer, line };
        }
      } catch (error) {
        await retryPolicy.waitOrThrow(error);
      }
      lines.rewind();
    }
    lines.throwSourceError();
  } finally {
    await lines.close();
  }
}

/** Makes one request: sends lines and receives answers until either ends. */
async function* exchange(
  { transport, timeout }: BatchDependencies,
  lines: UnansweredNotices,
): AsyncGenerator<BatchAnswer> {
  const request = transport.open('POST', 'v1/notices/batch', { 'content-type': 'application/x-ndjson' });
  const stop = new AbortController();
  const watch = watchProgress(timeout, () => {
    if (lines.inFlight > 0) request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
  });
  upload(request, lines, watch.progress, stop.signal).catch(() => {});
  try {
    const response = await transport.responseHead(request);
    for await (const answer of readAnswers(transport, response)) {
      // The API did not process this line nor any line after it.
      if (answer.status === 503) throw new AblaghUnreachable('the API is unavailable', { status: 503 });
      lines.settleOldest();
      // The time that the consumer of the answers takes is no stall.
      watch.pause();
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

/** Writes lines as fast as the API takes them, and ends the request when no line is left to add. */
async function upload(
  request: ClientRequest,
  lines: UnansweredNotices,
  onProgress: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (await lines.fill()) {
    if (signal.aborted) return;
    if (!request.write(lines.nextLine())) await once(request, 'drain', { signal });
    onProgress();
  }
  request.end();
}

/** Calls `onStall` every time nothing has moved for `timeout` milliseconds, unless it is paused. */
function watchProgress(timeout: number, onStall: () => void) {
  let paused = false;
  const timer = setTimeout(() => {
    if (!paused) onStall();
    timer.refresh();
  }, timeout);
  return {
    progress: () => void timer.refresh(),
    pause(): void {
      paused = true;
    },
    resume(): void {
      paused = false;
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
