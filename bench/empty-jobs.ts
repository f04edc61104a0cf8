import { once } from 'node:events';
import { Queue, Worker } from 'bullmq';

/**
 * The baseline of `drain`, in a process of its own: BullMQ runs empty jobs that were added before. The first jobs are the warm-up. The
 * process reports to its parent when it is ready, starts on a message, and reports the seconds.
 */
const { hostname: host, port } = new URL(process.env.REDIS_URL as string);
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const count = Number(process.env.COUNT);
const warmUp = Number(process.env.WARM_UP);
const concurrency = Number(process.env.CONCURRENCY);
const name = 'empty-jobs';

async function main(): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  const queue = new Queue(name, { connection });
  const add = async (jobs: number) => {
    const opts = { removeOnComplete: true, removeOnFail: true };
    for (let added = 0; added < jobs; added += 1_000) {
      const size = Math.min(1_000, jobs - added);
      await queue.addBulk(Array.from({ length: size }, () => ({ name: 'empty', data: {}, opts })));
    }
  };
  let left = 0;
  let finished = (): void => {};
  const worker = new Worker(name, async () => {}, { connection, concurrency, autorun: false });
  worker.on('completed', () => {
    left -= 1;
    if (left === 0) finished();
  });
  const done = (jobs: number) => {
    left = jobs;
    return new Promise<void>((resolve) => {
      finished = resolve;
    });
  };

  await add(warmUp);
  const warm = done(warmUp);
  void worker.run();
  await warm;
  await worker.pause();
  await add(count);
  process.send?.({ ready: true });
  await once(process, 'message');
  const ended = done(count);
  const began = performance.now();
  worker.resume();
  await ended;
  process.send?.({ seconds: (performance.now() - began) / 1000 });
}

void main();
