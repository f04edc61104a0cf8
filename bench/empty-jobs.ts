import { Queue, Worker } from 'bullmq';

/**
 * BullMQ at its plainest, in a process of its own: empty jobs that were added before, run one by one. Tells
 * its parent when it is ready, starts when told to, and tells when the last one is done.
 */
const { hostname: host, port } = new URL(process.env.REDIS_URL as string);
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const count = Number(process.env.COUNT);
const name = 'empty-jobs';

async function main(): Promise<void> {
  const queue = new Queue(name, { connection });
  const opts = { removeOnComplete: true, removeOnFail: true };
  for (let added = 0; added < count; added += 1_000) {
    const size = Math.min(1_000, count - added);
    await queue.addBulk(Array.from({ length: size }, () => ({ name: 'empty', data: {}, opts })));
  }
  let done = 0;
  const worker = new Worker(name, async () => {}, { connection, concurrency: 100, autorun: false });
  worker.on('completed', () => {
    done += 1;
    if (done === count) process.send?.({ at: Date.now() });
  });
  process.on('message', () => void worker.run());
  process.on('disconnect', () => process.exit(0));
  process.send?.({ ready: true });
}

void main();
