import { once } from 'node:events';
import http from 'node:http';
import { stringify } from 'node:querystring';
import { Queue, Worker } from 'bullmq';
import { Pool } from 'pg';

/**
 * A second baseline of `drain`, in a process of its own: the same work as a textbook on queues builds it. One job per alert carries the
 * alert's data, and runs one statement or call per step, on pooled and kept-alive connections. The process reports to its parent when
 * it is ready, starts on a message, and reports the seconds.
 */
interface AlertJob {
  alertId: string;
  noticeId: string;
  sourceId: number;
  mobile: string;
  text: string;
}

const CONCURRENCY = 50;
const { hostname: host, port } = new URL(process.env.REDIS_URL as string);
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL) });
const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
const name = 'textbook';

async function sendAlert({ alertId, noticeId, sourceId, mobile, text }: AlertJob): Promise<void> {
  const { rows } = await pool.query('SELECT state FROM alerts WHERE id = $1', [alertId]);
  if (rows[0]?.state !== 'queued') return;
  await pool.query(`UPDATE alerts SET state = 'sending', attempt_at = now() WHERE id = $1`, [alertId]);
  const messageId = await callProvider({
    receptor: mobile,
    sender: '10004346',
    message: text,
    localid: alertId,
  });
  await pool.query(`UPDATE alerts SET state = 'sent', sent_at = now() WHERE id = $1`, [alertId]);
  await pool.query(
    `INSERT INTO events (source_id, type, notice_id, actor, data)
     VALUES ($1, 'alert.sent', $2, 'provider:kavenegar', $3)`,
    [sourceId, noticeId, JSON.stringify({ channel: 'sms', providerMessageId: messageId })],
  );
}

function callProvider(params: Record<string, string>): Promise<string> {
  const body = Buffer.from(stringify(params));
  return new Promise((resolve, reject) => {
    const request = http.request(`${process.env.SINK_URL}/v1/bench/sms/send.json`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        if (answer.return.status === 200) resolve(String(answer.entries[0].messageid));
        else reject(new Error(`the provider answered ${answer.return.status}`));
      });
    });
    request.end(body);
  });
}

async function addJobs(queue: Queue): Promise<number> {
  const { rows } = await pool.query<AlertJob>(
    `SELECT a.id AS "alertId", a.notice_id AS "noticeId", a.source_id AS "sourceId",
            '0' || substr(a.address, 4) AS mobile, n.sms_text AS text
       FROM alerts a JOIN notices n ON n.id = a.notice_id ORDER BY a.id`,
  );
  const opts = { attempts: 3, removeOnComplete: true };
  for (let from = 0; from < rows.length; from += 1_000) {
    const data = rows.slice(from, from + 1_000);
    await queue.addBulk(data.map((alert) => ({ name: 'alert', data: alert, opts })));
  }
  return rows.length;
}

async function main(): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  const warmUp = Number(process.env.WARM_UP);
  const count = (await addJobs(new Queue(name, { connection }))) - warmUp;
  let done = 0;
  let began = 0;
  const worker = new Worker(name, async (job) => sendAlert(job.data), {
    connection,
    concurrency: CONCURRENCY,
    autorun: false,
  });
  worker.on('failed', (_job, error) => {
    throw error;
  });
  worker.on('completed', () => {
    done += 1;
    if (done === warmUp) began = performance.now();
    if (done === warmUp + count) process.send?.({ seconds: (performance.now() - began) / 1000 });
  });
  process.send?.({ ready: true });
  await once(process, 'message');
  await worker.run();
}

void main();
