import { randomUUID } from 'node:crypto';
import type { Job, JobsOptions, Queue } from 'bullmq';
import { createDatabase } from '../../core/platform/database';
import { INTAKE_JOB, INTAKE_QUEUE } from '../../core/platform/queues';
import { createSourceSystems } from '../../core/sources/source-systems';
import { acceptQueuedNotice } from '../../workers/accept-queued-notice';
import { describeOnBackends } from '../support/backends';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, aNotice, anAttachment, PNG, registerEmployer } from '../support/fixtures';
import { createTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy';
import { until } from '../support/until';
import { createIntake, type Intake, signed } from './intake';

const UUID = /^[0-9a-f-]{36}$/;

describeOnBackends('a notice pushed into the queue on $name', ({ open }) => {
  let test: TestDatabase;
  let backend: ReturnType<typeof open>;
  let intake: Intake;
  let queue: Queue;
  let apiKey: string;

  beforeAll(async () => {
    test = await createTestDatabase({ max: 20 });
    ({ apiKey } = await addSource(test.db));
    await registerEmployer(test.db);
    backend = open(test.db);
    queue = backend.queue(INTAKE_QUEUE);
    await until(() => queue.getJobCounts(), { what: 'the queue is connected' });
    intake = await createIntake(test.db);
    intake.start(backend);
  });
  afterAll(async () => {
    await intake.close();
    await backend.close();
    await test.drop();
  });

  const push = (data: unknown, options: JobsOptions = {}) => queue.add(INTAKE_JOB, data, options);
  const ended = async ({ id = '' }: Job): Promise<Job> =>
    until(async () => {
      const job = await queue.getJob(id);
      return job?.finishedOn ? job : undefined;
    });
  const refusals = (where: string, value: string) =>
    test.db.query<{ code: string; sourceId: number | null; keyId: string; door: string }>(
      `SELECT code, source_id AS "sourceId", key_id AS "keyId", door FROM refusals WHERE ${where} = $1`,
      [value],
    );

  it('is accepted when it is signed, with the body of the 202 answer', async () => {
    const job = await ended(await push(signed(apiKey, aNotice())));
    expect(job.returnvalue).toEqual({
      id: expect.stringMatching(UUID),
      trackingNumber: expect.stringMatching(/^\d{12}$/),
      state: 'accepted',
      acceptedAt: expect.any(String),
      duplicate: false,
    });
    const [notice] = await test.db.query('SELECT id FROM notices WHERE id = $1', [job.returnvalue.id]);
    expect(notice).toBeDefined();
  });

  it('is signed as text, in Persian too, whatever its formatting', async () => {
    const text = JSON.stringify(aNotice({ smsText: 'ابلاغیه‌ای برای شما ثبت شد. 📄' }), null, 2);
    const job = await ended(await push(signed(apiKey, text)));
    expect(job.returnvalue).toMatchObject({ state: 'accepted' });
  });

  it('leaves its answer in the job once it is accepted, and nothing of its text', async () => {
    const { keyId, ...data } = signed(apiKey, aNotice());
    const job = await ended(await push({ keyId, ...data }));
    expect(job.data).toEqual({ keyId, answer: job.returnvalue });
  });

  it('is accepted also when its producer keeps no completed jobs', async () => {
    const notice = aNotice();
    const { id = '' } = await push(signed(apiKey, notice), { removeOnComplete: true });
    await until(async () => (await queue.getJob(id)) === undefined);
    expect(
      await test.db.query('SELECT 1 FROM notices WHERE reference = $1', [notice.reference]),
    ).toHaveLength(1);
  });

  it('keeps its attachments byte for byte', async () => {
    const notice = aNotice({ attachments: [anAttachment(), anAttachment(PNG, 'seal.png')] });
    const { returnvalue } = await ended(await push(signed(apiKey, notice)));
    const files = await test.db.query<{ id: string }>(
      'SELECT id FROM attachments WHERE notice_id = $1 ORDER BY position',
      [returnvalue.id],
    );
    expect(files).toHaveLength(2);
    expect(await intake.attachments.get(files[1]?.id as string)).toEqual(PNG);
  });

  it('has the same answer when it comes again', async () => {
    const data = signed(apiKey, aNotice());
    const first = await ended(await push(data));
    const again = await ended(await push(data));
    expect(again.returnvalue).toEqual({ ...first.returnvalue, duplicate: true });
  });

  it('is accepted once though its job runs twice', async () => {
    const notice = aNotice();
    const data = signed(apiKey, notice);
    let left: unknown;
    const updateData = async (changed: unknown) => {
      left = changed;
    };
    const run = (held: unknown) =>
      acceptQueuedNotice(intake.deps, { data: held, updateData } as unknown as Job, 'token');
    const first = await run(data);
    // Its worker may have died before the notice was taken out of the job, or after that.
    expect(await run(left)).toEqual(first);
    expect(await run(data)).toEqual({ ...first, duplicate: true });
    expect(
      await test.db.query('SELECT 1 FROM notices WHERE reference = $1', [notice.reference]),
    ).toHaveLength(1);
  });

  it('fails for good when it is refused, with code and reason, and with an event in the feed', async () => {
    const notice = aNotice({ recipient: { nationalId: '0084575948' } });
    const job = await ended(await push(signed(apiKey, notice), { attempts: 5 }));
    expect(job.failedReason).toBe('unknown_employer: No employer has this national ID.');
    expect(job.attemptsMade).toBe(1);
    expect(await refusals('reference', notice.reference)).toEqual([
      expect.objectContaining({ code: 'unknown_employer', door: 'queue', sourceId: expect.any(Number) }),
    ]);
    const events = await test.db.query(
      `SELECT 1 FROM events WHERE type = 'notice.refused' AND data->>'reference' = $1`,
      [notice.reference],
    );
    expect(events).toHaveLength(1);
  });

  it('is refused when its reference was used for other content', async () => {
    const notice = aNotice();
    await ended(await push(signed(apiKey, notice)));
    const job = await ended(await push(signed(apiKey, { ...notice, subject: 'دیگر' })));
    expect(job.failedReason).toMatch(/^reference_conflict: /);
  });

  it('is refused with a wrong signature, recorded against no system and never retried', async () => {
    const { keyId, apiKey: key } = await addSource(test.db);
    const data = { ...signed(key, aNotice()), notice: JSON.stringify(aNotice()) };
    const job = await ended(await push(data, { attempts: 5, backoff: 1 }));
    expect(job.failedReason).toMatch(/^bad_signature: /);
    await ended(await push(signed(apiKey, aNotice())));
    const later = await queue.getJob(job.id as string);
    expect(later).toMatchObject({ attemptsMade: 1, attemptsStarted: 1, failedReason: job.failedReason });
    expect(await refusals('key_id', keyId)).toEqual([
      { code: 'bad_signature', sourceId: null, keyId, door: 'queue' },
    ]);
    expect(await test.db.query(`SELECT 1 FROM events WHERE data->>'code' = 'bad_signature'`)).toHaveLength(0);
  });

  it('is refused when its key is unknown or revoked', async () => {
    const { keyId, apiKey: revoked } = await addSource(test.db);
    await createSourceSystems(test.db).revoke(keyId);
    for (const key of [revoked, 'abl_nobody.secret']) {
      const job = await ended(await push(signed(key, aNotice())));
      expect(job.failedReason).toMatch(/^unauthorized: /);
    }
    expect(await refusals('key_id', keyId)).toEqual([
      { code: 'unauthorized', sourceId: null, keyId, door: 'queue' },
    ]);
  });

  it('is refused when its key lacks the scope, with an event in the feed', async () => {
    const issued = await createSourceSystems(test.db).add('register-only', 'ثبت', ['employers']);
    const job = await ended(await push(signed(issued.apiKey, aNotice())));
    expect(job.failedReason).toMatch(/^forbidden: /);
    expect(await refusals('key_id', issued.keyId)).toEqual([
      expect.objectContaining({ code: 'forbidden', sourceId: expect.any(Number) }),
    ]);
  });

  it.each([
    ['nothing', undefined],
    ['a list', []],
    ['a notice that is not text', { keyId: 'k', notice: {}, signature: '0'.repeat(64) }],
    ['a signature that is none', { keyId: 'k', notice: '{}', signature: 'zz' }],
    ['one field too many', { keyId: 'k', notice: '{}', signature: '0'.repeat(64), extra: 1 }],
  ])('fails when the data of its job is %s', async (_, data) => {
    const job = await ended(await push(data, { attempts: 5 }));
    expect(job).toMatchObject({ attemptsMade: 1, failedReason: expect.stringMatching(/^invalid_request: /) });
  });

  it('is not believed when its job claims to be accepted already', async () => {
    const { keyId, apiKey: another } = await addSource(test.db);
    const { returnvalue: answer } = await ended(await push(signed(apiKey, aNotice())));
    const { returnvalue: theirs } = await ended(await push(signed(another, aNotice())));
    for (const said of [
      answer,
      { ...theirs, id: randomUUID() },
      { ...theirs, trackingNumber: '1'.repeat(12) },
    ]) {
      const job = await ended(await push({ keyId, answer: said }));
      expect(job.failedReason).toMatch(/^invalid_request: /);
    }
  });

  it('is refused when its signed text is not JSON', async () => {
    const job = await ended(await push(signed(apiKey, 'not json')));
    expect(job.failedReason).toBe('invalid_request: The notice is not JSON.');
  });
});

describeOnBackends('a notice pushed into the queue on $name while PostgreSQL is away', ({ open }) => {
  let test: TestDatabase;
  let proxy: TcpProxy;
  let apiKey: string;

  beforeEach(async () => {
    test = await createTestDatabase({ max: 20 });
    ({ apiKey } = await addSource(test.db));
    await registerEmployer(test.db);
    proxy = await createTcpProxy(Number(new URL(test.url).port));
  });
  afterEach(async () => {
    await proxy.close();
    await test.drop();
  });

  it('is postponed without using up an attempt, and accepted afterwards', async () => {
    const db = createDatabase(throughProxy(test.url, proxy), { max: 4 });
    const backend = open(test.db);
    const queue = backend.queue(INTAKE_QUEUE);
    await until(() => queue.getJobCounts(), { what: 'the queue is connected' });
    const intake = await createIntake(db);
    intake.start(backend);
    try {
      await proxy.cut();
      const { id = '' } = await queue.add(INTAKE_JOB, signed(apiKey, aNotice()));
      await until(async () => (await queue.getJobState(id)) === 'delayed');
      expect(await queue.getJob(id)).toMatchObject({ attemptsMade: 0, attemptsStarted: 1 });
      await proxy.restore();
      await until(async () => (await queue.getJobState(id)) === 'completed');
      expect(await queue.getJob(id)).toMatchObject({ returnvalue: { state: 'accepted', duplicate: false } });
    } finally {
      await intake.close();
      await backend.close();
      await db.close();
    }
  });

  it('is not lost when the queue cannot postpone it either', async () => {
    const away = createDatabase(throughProxy(test.url, proxy), { max: 4 });
    const backend = open(test.db);
    const queue = backend.queue(INTAKE_QUEUE);
    await until(() => queue.getJobCounts(), { what: 'the queue is connected' });
    await proxy.cut();
    const intake = await createIntake(away);
    // The job is taken by a worker that can neither reach the database nor tell the queue.
    const broken = backend.worker(
      INTAKE_QUEUE,
      (job, token) => {
        job.moveToDelayed = async () => {
          throw new Error('the queue is away');
        };
        return acceptQueuedNotice(intake.deps, job, token);
      },
      { lockDuration: 500, stalledInterval: 100 },
    );
    broken.on('error', () => {});
    void broken.run();
    try {
      const { id = '' } = await queue.add(INTAKE_JOB, signed(apiKey, aNotice()));
      await until(async () => ((await queue.getJob(id))?.attemptsStarted ?? 0) > 1, { timeout: 20_000 });
      expect(await queue.getJob(id)).toMatchObject({ attemptsMade: 0 });
      await proxy.restore();
      await until(async () => (await queue.getJobState(id)) === 'completed', { timeout: 20_000 });
    } finally {
      await broken.close();
      await intake.close();
      await backend.close();
      await away.close();
    }
  });
});
