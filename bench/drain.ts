import { createLines } from '../core/channels/lines';
import { statement } from '../core/platform/statement';
import { microsecondsPerItem } from './cpu-time';
import type { BenchDatabase, Environment } from './environment';
import { type BenchResult, compareToBaseline, describeCpu, mean, rates } from './figures';
import { acceptMany, populate } from './population';
import { startSink, startWorkers } from './system';

const WARM_UP_ALERTS = 5_000;
const TEXTBOOK_ALERTS = 20_000;
/** Concurrency at which BullMQ is at its fastest. */
const EMPTY_JOB_CONCURRENCY = 100;

/** Measures the rate at which waiting SMS are handed to the provider, beside BullMQ at its best and a textbook build. */
export async function benchDrain(env: Environment, count: number): Promise<BenchResult> {
  const ours: number[] = [];
  const remarks: string[] = [];
  const oneByOne = [await runEmptyJobs(env, count, 1)];
  const atOnce = [await runEmptyJobs(env, count, EMPTY_JOB_CONCURRENCY)];
  for (let round = 0; round < 2; round += 1) {
    const { seconds, remark } = await drainSms(env, count);
    ours.push(seconds);
    remarks.push(remark);
    oneByOne.push(await runEmptyJobs(env, count, 1));
    atOnce.push(await runEmptyJobs(env, count, EMPTY_JOB_CONCURRENCY));
  }
  const small = Math.min(TEXTBOOK_ALERTS, count);
  const textbook = [await drainTextbook(env, small, 10), await drainTextbook(env, small, 50)];

  const value = rates('SMS handed to the provider', count, ours);
  return {
    figures: [
      compareToBaseline('drain', value, rates('BullMQ, empty jobs one by one', count, oneByOne), 1),
      compareToBaseline('drain', value, rates('textbook build', small, [Math.min(...textbook)]), 5),
    ],
    remarks: [
      ...remarks,
      `drain: textbook with 10 connections: ${Math.round(small / (textbook[0] as number))}/s, with 50: ${Math.round(small / (textbook[1] as number))}/s`,
      `drain: BullMQ does ${Math.round(count / mean(atOnce))} empty jobs a second when ${EMPTY_JOB_CONCURRENCY} run at once, ${(mean(ours) / mean(atOnce)).toFixed(2)} times as many as SMS of ours`,
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
  await acceptMany(db, sender, 'warm', WARM_UP_ALERTS);
  await sink.waitForMessages(WARM_UP_ALERTS);
  await lines.disable('kavenegar', 'closed', 'bench', 'until everything is accepted');
  await acceptMany(db, sender, 'drain', count);

  const before = env.cpu();
  const began = Date.now();
  await lines.open('kavenegar');
  const ended = await sink.waitForMessages(WARM_UP_ALERTS + count);
  const after = env.cpu();
  await workers.stop();
  await assertAllSent(db, WARM_UP_ALERTS + count);
  await sink.stop();
  await db.close();
  return {
    seconds: (ended - began) / 1000,
    remark: describeCpu('drain', 'SMS', microsecondsPerItem(before, after, count)),
  };
}

const COUNT_SENT = statement<{ sent: number; attempts: number }>(
  'bench-count-sent',
  `SELECT (SELECT count(*) FROM alerts WHERE state IN ('sent', 'delivered'))::int AS sent,
          (SELECT count(*) FROM attempts)::int AS attempts`,
  { sent: 'int4', attempts: 'int4' },
);

/** Checks that each alert was sent, once: a rate is worth nothing when the work was not done. */
async function assertAllSent(db: BenchDatabase, count: number): Promise<void> {
  const [found] = await db.query(COUNT_SENT);
  if (found?.sent !== count || found.attempts !== count)
    throw new Error(`of ${count} alerts ${found?.sent} were sent, in ${found?.attempts} attempts`);
}

async function runEmptyJobs(env: Environment, count: number, concurrency: number): Promise<number> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const jobs = env.start('empty jobs', 'bench/empty-jobs.js', db, {
    COUNT: String(count),
    WARM_UP: String(WARM_UP_ALERTS),
    CONCURRENCY: String(concurrency),
  });
  await jobs.nextMessage();
  jobs.send({ go: true });
  const { seconds } = await jobs.nextMessage<{ seconds: number }>();
  await jobs.stop();
  await db.close();
  return seconds;
}

async function drainTextbook(env: Environment, count: number, pool: number): Promise<number> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const sender = await populate(db, ['mobile']);
  await acceptMany(db, sender, 'textbook', WARM_UP_ALERTS + count);
  const sink = await startSink(env, db, 'sms-sink');
  const build = env.start('textbook', 'bench/textbook.js', db, {
    SINK_URL: sink.url,
    WARM_UP: String(WARM_UP_ALERTS),
    POOL: String(pool),
  });
  await build.nextMessage();
  build.send({ go: true });
  const { seconds } = await build.nextMessage<{ seconds: number }>();
  await build.stop();
  await sink.stop();
  await db.close();
  return seconds;
}
