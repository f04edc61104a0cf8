import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { Job, type Queue } from 'bullmq';
import { INTAKE_JOB } from '../../../core/platform/queues';

type JobJson = ReturnType<Job['toJSON']>;

/** The fields of a job that only BullMQ writes, never a producer: its times, its attempts and its end. */
const VISIBLE_JOB_FIELDS = [
  ...['id', 'timestamp', 'processedOn', 'finishedOn', 'delay', 'priority', 'failedReason'],
  ...['attemptsMade', 'attemptsStarted', 'stalledCounter'],
];
/** The options that decide how a job runs. Producers may write any text into other options. */
const VISIBLE_JOB_OPTIONS = ['attempts', 'backoff', 'delay', 'priority', 'removeOnComplete', 'removeOnFail'];

const pickFields = (names: string[], fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** Summarizes the data of an intake job: the id of its key and its size, nothing of the notice. */
function summarizeJobData(data: unknown) {
  const { keyId, notice, signature } = (data ?? {}) as Record<string, unknown>;
  return {
    keyId: typeof keyId === 'string' && /^abl_[0-9a-f]{12}$/.test(keyId) ? keyId : null,
    noticeBytes: typeof notice === 'string' ? Buffer.byteLength(notice) : 0,
    signed: typeof signature === 'string',
    bytes: bytesOf(data),
  };
}

/**
 * Returns the visible fields of an intake job. The fields are an allowlist, because the producer writes most of the
 * job, its name and options too.
 */
const redact = (job: JobJson) => ({
  ...pickFields(VISIBLE_JOB_FIELDS, job),
  name: job.name === INTAKE_JOB ? INTAKE_JOB : '',
  stacktrace: [],
  progress: 0,
  opts: pickFields(VISIBLE_JOB_OPTIONS, job.opts ?? {}),
  data: summarizeJobData(job.data),
  returnvalue: job.returnvalue == null ? null : { bytes: bytesOf(job.returnvalue) },
});

const withRedactedJson = (job: Job): Job =>
  Object.assign(job, { toJSON: () => redact(Job.prototype.toJSON.call(job)) }) as Job;

/** Shows the intake queue on the board: jobs can be listed and retried, and their notices cannot be read. */
export function redactingAdapter(
  queue: Queue,
  labels: { displayName: string; description: string },
): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, labels);
  const { getJob, getJobs } = adapter;
  return Object.assign(adapter, {
    allowCompletedRetries: false,
    async getJob(id: string) {
      const job = await getJob.call(adapter, id);
      return job && withRedactedJson(job);
    },
    async getJobs(...asked: Parameters<BullMQAdapter['getJobs']>) {
      return (await getJobs.apply(adapter, asked)).map(withRedactedJson);
    },
    // Our code writes none of these, so their content could only be a producer's.
    getJobLogs: async () => [],
    getJobSchedulers: async () => [],
    getFlowProducer: async () => null,
  });
}
