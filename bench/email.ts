import { createLines } from '../core/channels/lines';
import { createSmtp } from '../core/channels/smtp';
import { statement } from '../core/platform/statement';
import { microsecondsPerItem } from './cpu-time';
import type { BenchDatabase, Environment } from './environment';
import { type BenchResult, compareToBaseline, describeCpu, rates } from './figures';
import { acceptMany, populate } from './population';
import { startSink, startWorkers } from './system';

const WARM_UP_EMAILS = 1_000;

/** Measures the rate at which waiting emails are handed to the mail server, beside nodemailer alone on as many connections. */
export async function benchEmail(env: Environment, count: number): Promise<BenchResult> {
  const remarks: string[] = [];
  const bare = [await sendBare(env, count, remarks)];
  const ours: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    ours.push(await drainEmails(env, count, remarks));
    bare.push(await sendBare(env, count, remarks));
  }
  const value = rates('emails handed to the mail server', count, ours);
  return {
    figures: [compareToBaseline('email', value, rates('pooled nodemailer', count, bare), 0.8)],
    remarks,
  };
}

async function drainEmails(env: Environment, count: number, remarks: string[]): Promise<number> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const sender = await populate(db, ['email']);
  const lines = createLines(db);
  const sink = await startSink(env, db, 'email-sink');
  const workers = await startWorkers(env, db, { smtpUrl: sink.url });
  await acceptMany(db, sender, 'warm', WARM_UP_EMAILS);
  await sink.waitForMessages(WARM_UP_EMAILS);
  await lines.disable('smtp', 'closed', 'bench', 'until everything is accepted');
  await acceptMany(db, sender, 'email', count);

  const before = env.cpu();
  const began = Date.now();
  await lines.open('smtp');
  const ended = await sink.waitForMessages(WARM_UP_EMAILS + count);
  remarks.push(describeCpu('email', 'email', microsecondsPerItem(before, env.cpu(), count)));
  await workers.stop();
  await assertAllSent(db, WARM_UP_EMAILS + count);
  await sink.stop();
  await db.close();
  return (ended - began) / 1000;
}

const COUNT_SENT_EMAILS = statement<{ sent: number }>(
  'bench-count-sent-emails',
  `SELECT count(*)::int AS sent FROM alerts WHERE channel = 'email' AND state = 'sent'`,
  { sent: 'int4' },
);

async function assertAllSent(db: BenchDatabase, count: number): Promise<void> {
  const [found] = await db.query(COUNT_SENT_EMAILS);
  if (found?.sent !== count) throw new Error(`of ${count} emails ${found?.sent} were sent`);
}

/** Returns the number of SMTP connections the workers have. */
function connectionCount(): number {
  const smtp = createSmtp({ url: 'smtp://127.0.0.1:1', from: 'notices@example.org' });
  smtp.close();
  return smtp.concurrency;
}

async function sendBare(env: Environment, count: number, remarks: string[]): Promise<number> {
  const db = await env.openDatabase();
  const sink = await startSink(env, db, 'email-sink');
  const bare = env.start('bare nodemailer', 'bench/bare-mail.js', db, {
    SINK_URL: sink.url,
    COUNT: String(count),
    WARM_UP: String(WARM_UP_EMAILS),
    CONNECTIONS: String(connectionCount()),
  });
  await bare.nextMessage();
  const before = env.cpu();
  bare.send({ go: true });
  const { seconds } = await bare.nextMessage<{ seconds: number }>();
  remarks.push(describeCpu('bare nodemailer', 'email', microsecondsPerItem(before, env.cpu(), count)));
  await bare.stop();
  await sink.stop();
  await db.close();
  return seconds;
}
