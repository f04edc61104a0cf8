import { createHmac, timingSafeEqual } from 'node:crypto';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import { intakeOutcome } from '../core/notices/accept-notices';
import type { Acceptor } from '../core/notices/acceptor';
import { type Accepted, acceptedSchema } from '../core/notices/notice-schema';
import { createNotices } from '../core/notices/notices';
import { jsonTooComplex } from '../core/notices/parse-notice';
import { createRefusals } from '../core/notices/refusals';
import type { Database } from '../core/platform/database';
import { errorFields, Refusal } from '../core/platform/errors';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { INTAKE_QUEUE, type IntakeJob, intakeJobSchema } from '../core/platform/queues';
import { inSpan } from '../core/platform/tracing';
import { type Caller, createSourceSystems } from '../core/sources/source-systems';
import { isWithinJsonLimits } from '../core/text/json-limits';
import { loggableId } from './supervise-worker';

export interface AcceptQueuedDependencies {
  db: Database;
  acceptor: Acceptor;
  metrics: Pick<Metrics, 'countNotices'>;
  log: Log;
}

/** The longest delay before a notice that could not be accepted is tried again. */
const MAX_RETRY_DELAY_MS = 60_000;

/**
 * The data of a job after its notice was accepted. The notice stands in PostgreSQL by then, and must not be found in Redis for as
 * long as the answer is kept for the producer. The data holds the answer, for a job that runs again because its worker died
 * before it completed the job.
 */
const acceptedJobSchema = z.strictObject({ keyId: z.string(), answer: acceptedSchema });

/**
 * Accepts one notice that an internal system pushed, by the same rules as over HTTP. A refusal ends the job. Any other error, such
 * as an outage of PostgreSQL, postpones it, however long it takes and however few attempts the producer asked for, because the
 * notice exists nowhere else.
 *
 * @returns the body of the 202 answer
 * @throws UnrecoverableError for a refusal, DelayedError for a postponed job; BullMQ knows both
 */
export async function acceptQueuedNotice(
  deps: AcceptQueuedDependencies,
  job: Job,
  token: string | undefined,
): Promise<Accepted> {
  try {
    const before = acceptedJobSchema.safeParse(job.data);
    // The data is unsigned: only the register knows whether a worker wrote it.
    if (before.success && (await createNotices(deps.db).wasAccepted(before.data.keyId, before.data.answer)))
      return before.data.answer;
    const answer = await inSpan(`work ${INTAKE_QUEUE}`, {}, () => acceptJob(deps, job.data), {
      kind: 'consumer',
      origins: [],
    });
    const { keyId } = job.data as IntakeJob;
    await job.updateData({ keyId, answer } satisfies z.input<typeof acceptedJobSchema>);
    return answer;
  } catch (error) {
    if (error instanceof Refusal) throw new UnrecoverableError(`${error.code}: ${error.message}`);
    await postpone(deps.log, job, token, error);
    // Also when postponing failed: any other error would let BullMQ give up the job, and the notice with it.
    throw new DelayedError();
  }
}

/** Delays a job. If the queue is away as well, the job stays where it is, and runs again once its lock has expired. */
async function postpone(log: Log, job: Job, token: string | undefined, cause: unknown): Promise<void> {
  const maxDelay = Math.min(MAX_RETRY_DELAY_MS, 500 * 2 ** Math.min(job.attemptsStarted, 10));
  const wait = Math.round(maxDelay * (0.5 + Math.random() / 2));
  log.warn({ jobId: loggableId(job.id), ...errorFields(cause), wait }, 'notice could not be taken in yet');
  await job.moveToDelayed(Date.now() + wait, token).catch((error: unknown) => {
    log.warn({ jobId: loggableId(job.id), ...errorFields(error) }, 'notice could not be put off');
  });
}

async function acceptJob(
  { db, acceptor, metrics }: AcceptQueuedDependencies,
  data: unknown,
): Promise<Accepted> {
  const refuse = async (keyId: string, caller: Caller | null, refusal: Refusal): Promise<never> => {
    const source = caller && { id: caller.sourceId, code: caller.sourceCode };
    await createRefusals(db).record([{ door: 'queue', source, keyId, reference: null, refusal }]);
    throw refusal;
  };
  const parsed = intakeJobSchema.safeParse(data);
  if (!parsed.success) {
    return refuse(
      '',
      null,
      new Refusal('invalid_request', 'The job data is not {keyId, notice, signature}.'),
    );
  }
  const { keyId, notice } = parsed.data;
  const caller = (await createSourceSystems(db).byKeyIds([keyId])).get(keyId);
  if (!caller) return refuse(keyId, null, new Refusal('unauthorized', 'The key is unknown or revoked.'));
  if (!isSignedBy(caller.secretHash, parsed.data)) {
    return refuse(keyId, null, new Refusal('bad_signature', 'The signature does not match the notice.'));
  }
  if (!caller.scopes.includes('notices')) {
    return refuse(keyId, caller, new Refusal('forbidden', 'The key may not send notices.'));
  }
  const source = { id: caller.sourceId, code: caller.sourceCode };
  const [answer] = await acceptor.accept([{ door: 'queue', source, keyId, input: readJson(notice) }]);
  if (answer === undefined) throw new Error('accepting a notice gave no answer');
  metrics.countNotices('queue', [intakeOutcome(answer)]);
  if (answer instanceof Refusal) throw answer;
  return answer;
}

function isSignedBy(secretHash: string, { notice, signature }: IntakeJob): boolean {
  const expected = createHmac('sha256', secretHash).update(notice).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}

function readJson(text: string): unknown {
  if (!isWithinJsonLimits(Buffer.from(text))) return jsonTooComplex();
  try {
    return JSON.parse(text);
  } catch {
    return new Refusal('invalid_request', 'The notice is not JSON.');
  }
}
