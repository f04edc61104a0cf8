import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerOptions } from 'bullmq';
import { createAcceptor } from '../../core/notices/acceptor';
import { type AttachmentStore, openAttachmentStore } from '../../core/notices/attachment-store';
import type { Database } from '../../core/platform/database';
import { createLog } from '../../core/platform/log';
import { createMetrics } from '../../core/platform/metrics';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { INTAKE_JOB_OPTIONS, INTAKE_QUEUE, type IntakeJob } from '../../core/platform/queues';
import { hashApiKey, keyIdOf } from '../../core/sources/source-systems';
import { type AcceptQueuedDependencies, acceptQueuedNotice } from '../../workers/accept-queued-notice';
import { type RunningWorker, superviseWorker, type WorkerSettings } from '../../workers/supervise-worker';

export interface Intake {
  deps: AcceptQueuedDependencies;
  attachments: AttachmentStore;
  /** Starts a worker on the queue `notices`, as the workers process does. */
  start(backend: QueueBackend, options?: Partial<WorkerOptions>): void;
  close(): Promise<void>;
}

/** The door of the queue on a database. What it started, `close` closes; before the backend and the database. */
export async function createIntake(db: Database): Promise<Intake> {
  const folder = await mkdtemp(join(tmpdir(), 'ablagh-attachments-'));
  const log = createLog('test', 'silent');
  const attachments = await openAttachmentStore(undefined, folder);
  const wording = { template: '{name}: {trackingNumber}', suffix: '' };
  const acceptor = createAcceptor({ db, attachments, wording, alertTtlHours: 72 });
  const deps = { db, acceptor, metrics: createMetrics(), log };
  const workers: RunningWorker[] = [];
  return {
    deps,
    attachments,
    start(backend, options) {
      const process: WorkerSettings['process'] = (job, token) => acceptQueuedNotice(deps, job, token);
      workers.push(
        superviseWorker({
          backend,
          name: INTAKE_QUEUE,
          process,
          options: { ...INTAKE_JOB_OPTIONS, concurrency: 10, ...options },
          log,
        }),
      );
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The data of a job, signed as a system signs it. A text is taken as it is. */
export function signed(apiKey: string, notice: unknown): IntakeJob {
  const text = typeof notice === 'string' ? notice : JSON.stringify(notice);
  const signature = createHmac('sha256', hashApiKey(apiKey)).update(text).digest('hex');
  return { keyId: keyIdOf(apiKey), notice: text, signature };
}
