import { createHash, createHmac } from 'node:crypto';
import type { JobsOptions } from 'bullmq';
import { INTAKE_JOB_OPTIONS, type IntakeJob } from '../core/platform/queues';
import { hashApiKey, keyIdOf } from '../core/sources/source-systems';
import type { Notice } from './notice';

/**
 * The attempts are for accidents between the worker and the queue. An outage of PostgreSQL and a refusal use up none.
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
 * Creates the job of a notice. The same notice gives the same job id, so pushing it again changes nothing while the job exists; other
 * content under the same reference gives another job, which is refused.
 */
export function createQueueJob(apiKey: string, notice: Notice): QueueJob {
  const keyId = keyIdOf(apiKey);
  const text = JSON.stringify(notice);
  const signature = createHmac('sha256', hashApiKey(apiKey)).update(text).digest('hex');
  const digest = createHash('sha256')
    .update(JSON.stringify([keyId, notice.reference, signature]))
    .digest('hex');
  // The id begins with a letter, because BullMQ takes no id of digits only.
  return {
    data: { keyId, notice: text, signature },
    options: { ...JOB_OPTIONS, jobId: `n${digest.slice(0, 40)}` },
  };
}
