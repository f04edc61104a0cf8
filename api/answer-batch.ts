import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { type IntakeAnswer, intakeOutcome, type Submission } from '../core/notices/accept-notices';
import type { Acceptor } from '../core/notices/acceptor';
import { codeOf, errorFields, Refusal, Unavailable } from '../core/platform/errors';
import type { Metrics } from '../core/platform/metrics';
import type { Caller } from '../core/sources/source-systems';
import type { Reservation } from './body-memory-budget';
import type { createGroupReader } from './group-reader';
import { type NdjsonLine, parseJsonLine } from './ndjson';
import { problemOf } from './problem';

export interface BatchContext {
  accept: Acceptor['accept'];
  metrics: Pick<Metrics, 'countNotices'>;
  caller: Caller;
  /** The memory that the lines were read into. */
  reservation: Pick<Reservation, 'release'>;
  log: FastifyBaseLogger;
  /** Milliseconds during which a group is tried again while PostgreSQL is away. */
  retryForMs: number;
}

/** The answer to a line, or the error that takes its place. */
type LineOutcome = IntakeAnswer | Error;

/**
 * Accepts a batch group by group and gives the answers as NDJSON, in the order of the lines. While one group is written, the next
 * one is read and no more. When a dependency stays away, the group is answered with status 503, which ends the answer.
 */
export async function* answerBatch(
  batch: BatchContext,
  reader: ReturnType<typeof createGroupReader>,
): AsyncGenerator<string> {
  let answered = 0;
  try {
    let group = await reader.nextGroup(Promise.resolve());
    while (group.length > 0) {
      const work = acceptGroup(batch, group);
      const next = reader.nextGroup(work);
      // A failure to read the next group is thrown below, once the answers of this group are out.
      next.catch(() => {});
      const outcomes = await work;
      yield outcomes.map((outcome, i) => formatAnswer((group[i] as NdjsonLine).number, outcome)).join('');
      answered += outcomes.length;
      batch.reservation.release(group.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0));
      if (outcomes.some((outcome) => outcome instanceof Unavailable)) return;
      group = await next;
    }
  } catch (error) {
    if (!isClientAbort(error)) throw error;
    batch.log.info({ answered }, 'the client of a batch went away');
  }
}

const isClientAbort = (error: unknown): boolean => {
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
};

/** Accepts the lines before the first one that did not fit into memory, and answers 503 for that line. */
async function acceptGroup(batch: BatchContext, lines: NdjsonLine[]): Promise<LineOutcome[]> {
  const firstOutOfMemory = lines.findIndex((line) => line.outOfMemory);
  if (firstOutOfMemory !== -1) {
    return [...(await acceptGroup(batch, lines.slice(0, firstOutOfMemory))), new Unavailable('memory')];
  }
  const { keyId, sourceId, sourceCode } = batch.caller;
  const source = { id: sourceId, code: sourceCode };
  const submissions = lines.map((line) => ({
    door: 'batch' as const,
    source,
    keyId,
    input: parseJsonLine(line),
  }));
  const outcomes = await acceptAll(batch, submissions);
  batch.metrics.countNotices(
    'batch',
    outcomes.flatMap((outcome) => (isIntakeAnswer(outcome) ? intakeOutcome(outcome) : [])),
  );
  return outcomes;
}

const isIntakeAnswer = (outcome: LineOutcome): outcome is IntakeAnswer =>
  !(outcome instanceof Error) || outcome instanceof Refusal;

async function acceptAll(batch: BatchContext, submissions: Submission[]): Promise<LineOutcome[]> {
  try {
    return await acceptWithRetry(batch, submissions);
  } catch (error) {
    if (error instanceof Unavailable) return submissions.map(() => error);
    if (submissions.length > 1) return acceptOneByOne(batch, submissions);
    batch.log.error(errorFields(error), 'line failed');
    return [error as Error];
  }
}

/** Repeats a failed group line by line: one line that cannot be written must not fail the lines beside it. */
async function acceptOneByOne(batch: BatchContext, submissions: Submission[]): Promise<LineOutcome[]> {
  const outcomes: LineOutcome[] = [];
  for (const submission of submissions) {
    const unavailable = outcomes.find((outcome) => outcome instanceof Unavailable);
    outcomes.push(...(unavailable ? [unavailable] : await acceptAll(batch, [submission])));
  }
  return outcomes;
}

async function acceptWithRetry(
  { accept, retryForMs }: BatchContext,
  submissions: Submission[],
): Promise<IntakeAnswer[]> {
  const deadline = Date.now() + retryForMs;
  for (let wait = 250; ; wait *= 2) {
    try {
      return await accept(submissions);
    } catch (error) {
      if (!(error instanceof Unavailable) || Date.now() + wait > deadline) throw error;
      await delay(wait);
    }
  }
}

function formatAnswer(line: number, outcome: LineOutcome): string {
  if (outcome instanceof Error) {
    const { status, code, detail, errors } = problemOf(outcome);
    return `${JSON.stringify({ line, status, code, detail, errors })}\n`;
  }
  const { id, trackingNumber, acceptedAt, duplicate } = outcome;
  return `${JSON.stringify({ line, status: duplicate ? 200 : 202, id, trackingNumber, acceptedAt, duplicate })}\n`;
}
