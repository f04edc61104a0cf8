import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { Job, type Queue } from 'bullmq';
import { INTAKE_JOB } from '../../../core/platform/queues';

type JobJson = ReturnType<Job['toJSON']>;

/** When a job came and ran, how often, and how it ended: what BullMQ writes, and no producer. */
const VISIBLE_JOB_FIELDS = [
  ...['id', 'timestamp', 'processedOn', 'finishedOn', 'delay', 'priority', 'failedReason'],
  ...['attemptsMade', 'attemptsStarted', 'stalledCounter'],
];
/** What is said of how a job is to be worked on; producers may write anything else beside it. */
const VISIBLE_JOB_OPTIONS = ['attempts', 'backoff', 'delay', 'priority', 'removeOnComplete', 'removeOnFail'];

const pickFields = (names: string[], fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** Names the key, and says how much there is. */
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
 * What may be seen of an intake job. A list of what is shown, not of what is left out: whoever pushes a job
 * writes most of it, its name and its options too.
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

/** The intake queue on the board: its jobs can be seen and retried, and nobody's notice read. */
export function redactingAdapter(
  queue: Queue,
  words: { displayName: string; description: string },
): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, words);
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
    // Nothing of ours writes these; what a producer wrote there is not for the board.
    getJobLogs: async () => [],
    getJobSchedulers: async () => [],
    getFlowProducer: async () => null,
  });
}
