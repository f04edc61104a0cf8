import { readFileSync } from 'node:fs';
import { appRoutes } from '@bull-board/api/dist/routes.js';
import { type Job, type Queue, UnrecoverableError } from 'bullmq';
import type { HTTPMethods } from 'fastify';
import type { QueueBackend } from '../../../core/platform/queue-backend';
import { INTAKE_JOB, INTAKE_QUEUE, QUEUE_NAMES } from '../../../core/platform/queues';
import { BOARD_MESSAGES } from '../../../web/ops/queues/board-messages';
import { startTestApi, type TestApi } from '../../api/test-api';
import { describeOnBackends } from '../../support/backends';
import { useDatabase } from '../../support/database';
import { anOperator, type TestOperator } from '../../support/operator';
import { until } from '../../support/until';

/** The personal data in the notices below. */
const PERSONAL = ['0499370899', 'محرمانه', '09121234567', '7013980001'];
const [NATIONAL_ID, SUBJECT, MOBILE, TRACKING] = PERSONAL as [string, string, string, string];
const NOTICE = JSON.stringify({ subject: SUBJECT, recipient: { nationalId: NATIONAL_ID, mobile: MOBILE } });
const KEY_ID = 'abl_0123456789ab';

/** The headers that a browser adds to a call of the board. */
const FROM_BOARD = { 'sec-fetch-site': 'same-origin' };

const urlsOf = (route: string | string[]) => (Array.isArray(route) ? route : [route]);
const methodOf = (method: string | string[]) => String(method).toUpperCase() as HTTPMethods;
/** Every call of bull-board's API, for one job of the intake queue. */
const callsOn = (jobId: string) =>
  appRoutes.api.flatMap(({ method, route }) =>
    urlsOf(route).map((url) => ({
      method: methodOf(method),
      path: url
        .replace(':queueName', INTAKE_QUEUE)
        .replace(':jobId', jobId)
        .replace(':queueStatus', 'failed')
        .replace(':schedulerId', 'any'),
    })),
  );

/** Flattens a tree of messages to its paths. */
const leavesOf = (tree: object, above = ''): Map<string, string> =>
  new Map(
    Object.entries(tree).flatMap(([name, below]) =>
      typeof below === 'string' ? [[above + name, below] as const] : [...leavesOf(below, `${above}${name}.`)],
    ),
  );

describeOnBackends('the queue board on $name', ({ open }) => {
  // Registered before the database's hook, so that the API closes first.
  afterAll(async () => {
    await api?.close();
    await backend?.close();
  });
  const test = useDatabase();
  let backend: QueueBackend;
  let queue: Queue;
  let api: TestApi;
  let operator: TestOperator;
  let viewer: TestOperator;
  let serial = 0;

  beforeAll(async () => {
    backend = open(test.db);
    await backend.warmUp([INTAKE_QUEUE]);
    queue = backend.queue(INTAKE_QUEUE);
    api = await startTestApi(test.db, { backend });
    operator = await anOperator(api, test.db);
    viewer = await anOperator(api, test.db, 'viewer');
  });
  const call = (
    who: TestOperator | null,
    method: HTTPMethods,
    path: string,
    headers: Record<string, string> = FROM_BOARD,
  ) =>
    api.app.inject({
      method,
      url: `/ops/queues${path}`,
      headers,
      cookies: who ? { 'ablagh-ops': who.browser.token } : {},
    });

  /** Adds a job to the intake queue and brings it to a given state. */
  async function aJob(end: 'failed' | 'completed' | 'delayed', name = INTAKE_JOB): Promise<Job> {
    serial += 1;
    const job = await queue.add(
      name,
      { keyId: KEY_ID, notice: NOTICE, signature: 'a'.repeat(64) },
      {
        jobId: `n${serial}`,
        attempts: 1,
        telemetry: { metadata: SUBJECT },
        deduplication: { id: `${MOBILE}-${serial}` },
        ...(end === 'delayed' && { delay: 3_600_000 }),
      },
    );
    if (end === 'delayed') return job;
    const worker = backend.worker(INTAKE_QUEUE, async (taken: Job) => {
      await taken.updateProgress({ of: SUBJECT });
      await taken.log(`to ${MOBILE}`);
      if (end === 'completed') return { trackingNumber: TRACKING };
      throw new UnrecoverableError('bad_signature: The signature does not match the notice.');
    });
    void worker.run();
    await until(async () => (await job.getState()) === end, { what: `job ${job.id} to be ${end}` });
    await worker.close();
    return job;
  }

  const records = (subject: string) =>
    test.db.query(
      'SELECT operator, role, action, outcome, touched FROM audit WHERE subject = $1 ORDER BY id',
      [subject],
    );
  const countRecords = async () => (await test.db.query('SELECT FROM audit')).length;

  it('is shown to viewers and operators, loads nothing from elsewhere, and links back', async () => {
    for (const who of [viewer, operator]) {
      const { statusCode, headers, body } = await call(who, 'GET', '');
      expect([statusCode, headers['cache-control']]).toEqual([200, 'no-store']);
      expect(headers['content-security-policy']).toContain("style-src 'self'; script-src 'self';");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(body).toContain('<div id="root">');
      expect(body).not.toMatch(/https?:|style=|<style/);
      expect(body).toContain('"url":"/ops"');
    }
  });

  it('is in Persian and right to left, with a message for every key of bull-board', async () => {
    const page = await call(viewer, 'GET', '');
    expect(page.body).toContain('<html lang="fa" dir="rtl">');
    const words = (await call(viewer, 'GET', '/static/locales/en-US/messages.json')).json();
    expect(words).toMatchObject(BOARD_MESSAGES);
    const file = require.resolve('@bull-board/ui/dist/static/locales/en-US/messages.json');
    const english = leavesOf(JSON.parse(readFileSync(file, 'utf8')));
    const persian = leavesOf(words);
    expect([...persian.keys()]).toEqual([...english.keys()]);
    const placesIn = (text = '') => text.match(/\{\{\w+\}\}/g) ?? [];
    for (const [name, text] of persian)
      expect([name, placesIn(english.get(name))]).toEqual([name, expect.arrayContaining(placesIn(text))]);
  });

  it('shows neither page nor script nor data without a session', async () => {
    for (const path of ['', '/', '/queue/notices', '/static/images/logo.svg']) {
      const { statusCode, headers, body } = await call(null, 'GET', path);
      expect([path, statusCode, headers.location, body]).toEqual([path, 303, '/ops/login', '']);
    }
    const before = await countRecords();
    for (const { method, path } of callsOn('n1')) {
      const { statusCode, json } = await call(null, method, path);
      expect([method, path, statusCode]).toEqual([method, path, 401]);
      expect(json()).toEqual({ error: expect.any(String) });
    }
    expect(await countRecords()).toBe(before);
  });

  it('shows every queue, and buttons to operators only', async () => {
    interface Listed {
      queues: { name: string; readOnlyMode: boolean; allowRetries: boolean }[];
    }
    const listed = async (who: TestOperator) => (await call(who, 'GET', '/api/queues')).json<Listed>().queues;
    expect((await listed(viewer)).map(({ name }) => name)).toEqual(QUEUE_NAMES);
    expect(
      (await listed(viewer)).filter(({ readOnlyMode, allowRetries }) => !readOnlyMode || allowRetries),
    ).toEqual([]);
    const pressable = (await listed(operator)).filter(({ readOnlyMode }) => !readOnlyMode);
    expect(pressable.map(({ name }) => name)).toEqual([INTAKE_QUEUE]);
  });

  it('refuses every change to a viewer, and records each attempt', async () => {
    const job = await aJob('failed');
    for (const { method, path } of callsOn(job.id as string)) {
      if (method === 'GET') continue;
      const before = await countRecords();
      const { statusCode, body } = await call(viewer, method, path);
      expect([method, path, statusCode]).toEqual([method, path, 403]);
      expect(JSON.parse(body)).toEqual({ error: expect.any(String) });
      expect([path, await countRecords()]).toEqual([path, before + 1]);
    }
    expect(await job.getState()).toBe('failed');
    expect(await records(`queue notices job ${job.id} retry`)).toEqual([
      { operator: viewer.name, role: 'viewer', action: 'queue-board', outcome: 'refused', touched: 0 },
    ]);
  });

  it('allows an operator two changes, and records every other attempt', async () => {
    const job = await aJob('failed');
    const counts = await queue.getJobCounts();
    for (const { method, path } of callsOn(job.id as string)) {
      if (method === 'GET' || /\/(?:n\d+)\/(?:retry|promote)$/.test(path)) continue;
      const before = await countRecords();
      expect([path, (await call(operator, method, path)).statusCode]).toEqual([path, 403]);
      expect([path, await countRecords()]).toEqual([path, before + 1]);
    }
    expect(await queue.getJobCounts()).toEqual(counts);
    expect(await queue.isPaused()).toBe(false);
    for (const subject of [
      'queues pause',
      'queue notices pause',
      'queue notices obliterate',
      'queue notices empty',
      'queue notices add',
      'queue notices clean failed',
      'queue notices retry failed',
      `queue notices job ${job.id} clean`,
      `queue notices job ${job.id} update-data`,
    ]) {
      const [last] = (await records(subject)).slice(-1);
      expect([subject, last]).toEqual([
        subject,
        { operator: operator.name, role: 'operator', action: 'queue-board', outcome: 'refused', touched: 0 },
      ]);
    }
  });

  it('lets an operator retry a failed job once, and records it', async () => {
    const job = await aJob('failed');
    const retry = () => call(operator, 'PUT', `/api/queues/notices/${job.id}/retry`);
    expect((await retry()).statusCode).toBe(204);
    expect(await job.getState()).toBe('waiting');
    expect((await retry()).statusCode).toBe(409);
    const by = { operator: operator.name, role: 'operator', action: 'queue-board' };
    expect(await records(`queue notices job ${job.id} retry`)).toEqual([
      { ...by, outcome: 'done', touched: 1 },
      { ...by, outcome: 'overtaken', touched: 0 },
    ]);
    await job.remove();
  });

  it('lets an operator promote a delayed job once, and records it', async () => {
    const job = await aJob('delayed');
    const promote = () => call(operator, 'PUT', `/api/queues/notices/${job.id}/promote`);
    expect((await promote()).statusCode).toBe(204);
    expect(await job.getState()).toBe('waiting');
    expect((await promote()).statusCode).toBe(409);
    expect(await records(`queue notices job ${job.id} promote`)).toMatchObject([
      { outcome: 'done' },
      { outcome: 'overtaken' },
    ]);
    await job.remove();
  });

  it('answers 409 for a job that is gone or has completed', async () => {
    const done = await aJob('completed');
    for (const id of ['n999999', done.id]) {
      expect((await call(operator, 'PUT', `/api/queues/notices/${id}/retry`)).statusCode).toBe(409);
      expect(await records(`queue notices job ${id} retry`)).toMatchObject([{ outcome: 'overtaken' }]);
    }
    expect(await done.getState()).toBe('completed');
  });

  it('refuses to change jobs of other queues, whose work stands in the outbox', async () => {
    const views = backend.queue('views');
    const job = await views.add('work', { ids: ['1'] }, { jobId: 'later', delay: 3_600_000 });
    expect((await call(operator, 'PUT', '/api/queues/views/later/promote')).statusCode).toBe(403);
    expect((await call(operator, 'PUT', '/api/queues/notices:x/later/promote')).statusCode).toBe(403);
    expect(await job.getState()).toBe('delayed');
    expect(await records('queue views job later promote')).toMatchObject([{ outcome: 'refused' }]);
    // Path segments may hold any text, and the audit log keeps its text for ever.
    expect(await records('queue unknown job later promote')).toMatchObject([{ outcome: 'refused' }]);
    await job.remove();
  });

  it.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a site beside this one', { 'sec-fetch-site': 'same-site', origin: 'http://localhost:80' }],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
    ['another origin, by a browser that does not say more', { origin: 'http://elsewhere.example' }],
    ['no page at all', {}],
    ['a page without an origin', { origin: 'null' }],
  ])('refuses a call from %s, on the record', async (_from, headers) => {
    const job = await aJob('failed');
    const answer = await call(operator, 'PUT', `/api/queues/notices/${job.id}/retry`, headers);
    expect(answer.statusCode).toBe(403);
    expect(await job.getState()).toBe('failed');
    expect(await records(`queue notices job ${job.id} retry`)).toMatchObject([{ outcome: 'refused' }]);
  });

  it.each([
    ['this host', 'http://board.example:8080'],
    ['the public address, behind a proxy that names another host', 'http://127.0.0.1:3000'],
  ])('takes a call of a browser that names only %s as its origin', async (_which, origin) => {
    const job = await aJob('failed');
    const headers = { origin, host: 'board.example:8080' };
    const answer = await call(operator, 'PUT', `/api/queues/notices/${job.id}/retry`, headers);
    expect(answer.statusCode).toBe(204);
    await job.remove();
  });

  it('shows key, size and end of an intake job, and nothing of its notice', async () => {
    const failed = await aJob('failed');
    const done = await aJob('completed', NATIONAL_ID);
    const daily = { name: NATIONAL_ID, data: { notice: NOTICE } };
    await queue.upsertJobScheduler('daily', { every: 86_400_000, offset: 1 }, daily);
    const answers = [];
    for (const { id } of [failed, done]) {
      for (const { method, path } of callsOn(id as string)) {
        if (method === 'GET') answers.push(await call(viewer, method, path));
      }
    }
    for (const status of ['latest', 'failed', 'completed', 'delayed'])
      answers.push(await call(viewer, 'GET', `/api/queues?activeQueue=notices&status=${status}`));
    const bodies = answers.map(({ body }) => body).join('\n');
    for (const text of PERSONAL) expect(bodies).not.toContain(text);
    expect(bodies).not.toContain('a'.repeat(64));
    await queue.removeJobScheduler('daily');

    const job = async ({ id }: Job) =>
      (await call(viewer, 'GET', `/api/queues/notices/${id}`)).json<{ job: Record<string, unknown> }>().job;
    expect(await job(failed)).toMatchObject({
      id: failed.id,
      name: INTAKE_JOB,
      failedReason: 'bad_signature: The signature does not match the notice.',
      data: { keyId: KEY_ID, noticeBytes: Buffer.byteLength(NOTICE), signed: true },
    });
    expect(await job(done)).toMatchObject({
      name: '',
      returnValue: { bytes: JSON.stringify({ trackingNumber: TRACKING }).length },
    });
  });

  it('shows a job with malformed data', async () => {
    const odd = [null, NATIONAL_ID, [SUBJECT], { keyId: NATIONAL_ID, notice: { to: MOBILE } }];
    for (const [i, data] of odd.entries()) {
      const job = await queue.add(INTAKE_JOB, data, { jobId: `odd${i}`, delay: 3_600_000 });
      const { statusCode, body } = await call(viewer, 'GET', `/api/queues/notices/${job.id}`);
      expect(statusCode).toBe(200);
      for (const text of PERSONAL) expect(body).not.toContain(text);
      await job.remove();
    }
  });

  it('limits the jobs of one page, however many are requested', async () => {
    const jobs = Array.from({ length: 30 }, (_, i) => ({
      name: INTAKE_JOB,
      data: {},
      opts: { jobId: `many${i}`, delay: 3_600_000 },
    }));
    await queue.addBulk(jobs);
    const asked = '/api/queues?activeQueue=notices&status=delayed&jobsPerPage=100000';
    const { queues } = (await call(viewer, 'GET', asked)).json<{ queues: { jobs: unknown[] }[] }>();
    expect(queues[0]?.jobs).toHaveLength(20);
  });

  it('answers an unknown path as the other pages do', async () => {
    expect((await call(viewer, 'GET', '/api/queues/notices/n999999')).statusCode).toBe(404);
    expect((await call(viewer, 'GET', '/api/queues/none/n1')).statusCode).toBe(404);
    expect((await call(viewer, 'GET', '/api/queues?page=-1')).statusCode).toBe(400);
    expect((await call(viewer, 'GET', '/nothing/here')).statusCode).toBe(404);
    expect((await call(operator, 'DELETE', '/api/queues/notices')).statusCode).toBe(404);
  });
});
