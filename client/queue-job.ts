import { createHash, createHmac } from 'node:crypto';
import type { JobsOptions } from 'bullmq';
import { INTAKE_JOB_OPTIONS, type IntakeJob } from '../core/platform/queues';
import { hashApiKey, keyIdOf } from '../core/sources/source-systems';
import type { Notice } from './notice';

/**
 * Attempts are for accidents between the worker and the queue. That PostgreSQL is away burns none, and a
 * refusal uses up none.
 */
const JOB_OPTIONS: JobsOptions = {
  ...INTAKE_JOB_OPTIONS,
  attempts: 10,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
};

export interface QueueJob {
  data: IntakeJob;
  options: JobsOptions & { jobId: string };
}

/**
 * What is pushed for a notice. The same notice gives the same job id, so pushing it again changes nothing
 * while the job lives; other content under the same reference is a job of its own, and is refused as such.
 */
export function createQueueJob(apiKey: string, notice: Notice): QueueJob {
  const keyId = keyIdOf(apiKey);
  const text = JSON.stringify(notice);
  const signature = createHmac('sha256', hashApiKey(apiKey)).update(text).digest('hex');
  const name = createHash('sha256')
    .update(JSON.stringify([keyId, notice.reference, signature]))
    .digest('hex');
  // A letter first: BullMQ takes no id that is all digits.
  return {
    data: { keyId, notice: text, signature },
    options: { ...JOB_OPTIONS, jobId: `n${name.slice(0, 40)}` },
  };
}
