import { createLines } from '../core/channels/lines';
import { perItem } from './cpu-time';
import type { BenchDatabase, Environment } from './environment';
import { compare, costs, type Findings, mean, rates } from './figures';
import { acceptMany, populate } from './population';
import { startSink, startWorkers } from './system';

const WARM_UP = 5_000;
const TEXTBOOK = 20_000;
/** Jobs BullMQ works on at the same time when it is at its fastest. */
const AT_ONCE = 100;

/** How fast SMS that wait are handed to the provider, beside what BullMQ does at best and a textbook build. */
export async function drain(env: Environment, count: number): Promise<Findings> {
  const ours: number[] = [];
  const remarks: string[] = [];
  const oneByOne = [await emptyJobs(env, count, 1)];
  const atOnce = [await emptyJobs(env, count, AT_ONCE)];
  for (let round = 0; round < 2; round += 1) {
    const { seconds, remark } = await drainSms(env, count);
    ours.push(seconds);
    remarks.push(remark);
    oneByOne.push(await emptyJobs(env, count, 1));
    atOnce.push(await emptyJobs(env, count, AT_ONCE));
  }
  const small = Math.min(TEXTBOOK, count);
  const textbook = [await textbookBuild(env, small, 10), await textbookBuild(env, small, 50)];

  const value = rates('SMS handed to the provider', count, ours);
  return {
    figures: [
      compare('drain', value, rates('BullMQ, empty jobs one by one', count, oneByOne), 1),
      compare('drain', value, rates('textbook build', small, [Math.min(...textbook)]), 5),
    ],
    remarks: [
      ...remarks,
      `drain: textbook with 10 connections: ${Math.round(small / (textbook[0] as number))}/s, with 50: ${Math.round(small / (textbook[1] as number))}/s`,
      `drain: BullMQ does ${Math.round(count / mean(atOnce))} empty jobs a second when ${AT_ONCE} run at once, ${(mean(ours) / mean(atOnce)).toFixed(2)} times as many as SMS of ours`,
    ],
  };
}

async function drainSms(env: Environment, count: number): Promise<{ seconds: number; remark: string }> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const sender = await populate(db, ['mobile']);
  const lines = createLines(db);
  const sink = await startSink(env, db, 'sms-sink');
  const workers = await startWorkers(env, db, { smsUrl: sink.url });
  await acceptMany(db, sender, 'warm', WARM_UP);
  await sink.received(WARM_UP);
  await lines.shutDown('kavenegar', 'closed', 'bench', 'until everything is accepted');
  await acceptMany(db, sender, 'drain', count);

  const before = env.cpu();
  const began = Date.now();
  await lines.open('kavenegar');
  const ended = await sink.received(WARM_UP + count);
  const after = env.cpu();
  await workers.stop();
  await assertAllSent(db, WARM_UP + count);
  await sink.stop();
  await db.close();
  return {
    seconds: (ended - began) / 1000,
    remark: costs('drain', 'SMS', perItem(before, after, count)),
  };
}

/** A rate is only worth something when the work was really done: each alert sent, each once. */
async function assertAllSent(db: BenchDatabase, count: number): Promise<void> {
  const [found] = await db.query<{ sent: number; attempts: number }>(
    `SELECT (SELECT count(*) FROM alerts WHERE state IN ('sent', 'delivered'))::int AS sent,
            (SELECT count(*) FROM attempts)::int AS attempts`,
  );
  if (found?.sent !== count || found.attempts !== count)
    throw new Error(`of ${count} alerts ${found?.sent} were sent, in ${found?.attempts} attempts`);
}

async function emptyJobs(env: Environment, count: number, concurrency: number): Promise<number> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const jobs = env.start('empty jobs', 'bench/empty-jobs.js', db, {
    COUNT: String(count),
    WARM_UP: String(WARM_UP),
    CONCURRENCY: String(concurrency),
  });
  await jobs.hear();
  jobs.tell({ go: true });
  const { seconds } = await jobs.hear<{ seconds: number }>();
  await jobs.stop();
  await db.close();
  return seconds;
}

async function textbookBuild(env: Environment, count: number, pool: number): Promise<number> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const sender = await populate(db, ['mobile']);
  await acceptMany(db, sender, 'textbook', WARM_UP + count);
  const sink = await startSink(env, db, 'sms-sink');
  const build = env.start('textbook', 'bench/textbook.js', db, {
    SINK_URL: sink.url,
    WARM_UP: String(WARM_UP),
    POOL: String(pool),
  });
  await build.hear();
  build.tell({ go: true });
  const { seconds } = await build.hear<{ seconds: number }>();
  await build.stop();
  await sink.stop();
  await db.close();
  return seconds;
}
