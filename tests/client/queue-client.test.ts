import { inspect } from 'node:util';
import type { Queue } from 'bullmq';
import {
  AblaghRefused,
  AblaghUnreachable,
  type Accepted,
  createQueueClient,
  type QueueClient,
  type QueueClientOptions,
} from '../../client';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { INTAKE_QUEUE } from '../../core/platform/queues';
import { createSourceSystems } from '../../core/sources/source-systems';
import { describeOnBackends } from '../support/backends';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, aNotice, anAttachment, PNG, registerEmployer } from '../support/fixtures';
import { createTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy';
import { until } from '../support/until';
import { createIntake, type Intake } from '../workers/intake';

const WAIT = { wait: 10_000 };

/** The address of a test's backend, as the options of a client. */
function addressOf(backend: QueueBackend, { url }: TestDatabase): Omit<QueueClientOptions, 'apiKey'> {
  if (backend.kind === 'postgres') return { databaseUrl: url };
  const { prefix = '' } = backend.queue(INTAKE_QUEUE).opts;
  return { redisUrl: process.env.TEST_REDIS_URL as string, prefix };
}

describeOnBackends('the queue client on $name', ({ open }) => {
  let test: TestDatabase;
  let backend: QueueBackend;
  let intake: Intake;
  let apiKey: string;
  let keyId: string;
  let proxy: TcpProxy;
  let client: QueueClient;
  const clients: QueueClient[] = [];

  const connect = (options: Partial<QueueClientOptions> = {}): QueueClient => {
    const opened = createQueueClient({ apiKey, ...addressOf(backend, test), ...options });
    clients.push(opened);
    return opened;
  };
  /** Creates a client behind the proxy. */
  const connectThroughProxy = (options: Partial<QueueClientOptions> = {}) => {
    const { redisUrl, databaseUrl, ...rest } = addressOf(backend, test);
    return connect({
      ...rest,
      ...(redisUrl && { redisUrl: throughProxy(redisUrl, proxy) }),
      ...(databaseUrl && { databaseUrl: throughProxy(databaseUrl, proxy) }),
      ...options,
    });
  };
  /** Opens a queue without a worker. */
  const withoutWorkers = async (use: (queue: Queue, client: QueueClient) => Promise<void>) => {
    const other = await createTestDatabase();
    const quiet = open(other.db);
    const queue = quiet.queue(INTAKE_QUEUE);
    await until(() => queue.getJobCounts(), { what: 'the queue is connected' });
    const idle = createQueueClient({ apiKey, ...addressOf(quiet, other) });
    try {
      await use(queue, idle);
    } finally {
      await idle.close();
      await quiet.close();
      await other.drop();
    }
  };
  const failureOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);
  const accepted = async (reference: string) =>
    test.db.query<{ id: string }>('SELECT id FROM notices WHERE reference = $1', [reference]);

  beforeAll(async () => {
    test = await createTestDatabase({ max: 20 });
    ({ apiKey, keyId } = await addSource(test.db));
    await registerEmployer(test.db);
    backend = open(test.db);
    await until(() => backend.queue(INTAKE_QUEUE).getJobCounts(), { what: 'the queue is connected' });
    intake = await createIntake(test.db);
    intake.start(backend);
    const { redisUrl, databaseUrl } = addressOf(backend, test);
    proxy = await createTcpProxy(Number(new URL(redisUrl ?? (databaseUrl as string)).port));
    client = connect();
  });
  afterAll(async () => {
    for (const one of clients) await one.close();
    await proxy.close();
    await intake.close();
    await backend.close();
    await test.drop();
  });

  it('pushes a notice and gives the job id, without waiting for the outcome', async () => {
    const notice = aNotice();
    const pushed = await client.send(notice);
    expect(pushed).toEqual({ jobId: expect.stringMatching(/^n[0-9a-f]{40}$/) });
    await until(async () => (await accepted(notice.reference)).length === 1);
  });

  it('waits for the answer, which equals that of the API', async () => {
    const notice = aNotice();
    const answer = await client.send(notice, WAIT);
    expect(answer).toEqual({
      id: (await accepted(notice.reference))[0]?.id,
      trackingNumber: expect.stringMatching(/^\d{12}$/),
      state: 'accepted',
      acceptedAt: expect.any(String),
      duplicate: false,
    });
  });

  it('carries attachments', async () => {
    const notice = aNotice({ attachments: [anAttachment(PNG, 'seal.png')] });
    const { id } = (await client.send(notice, WAIT)) as Accepted;
    const [file] = await test.db.query<{ id: string }>('SELECT id FROM attachments WHERE notice_id = $1', [
      id,
    ]);
    expect(await intake.attachments.get(file?.id as string)).toEqual(PNG);
  });

  it('creates one notice when it is pushed many times at once', async () => {
    const notice = aNotice();
    const answers = await Promise.all([1, 2, 3, 4].map(() => client.send(notice, WAIT)));
    expect(new Set(answers.map((answer) => (answer as Accepted).id)).size).toBe(1);
    expect(await accepted(notice.reference)).toHaveLength(1);
  });

  it('changes nothing when it is pushed again while the job exists', async () => {
    await withoutWorkers(async (queue, idle) => {
      const notice = aNotice();
      const first = await idle.send(notice);
      expect(await idle.send(notice)).toEqual(first);
      expect(await queue.getWaitingCount()).toBe(1);
    });
  });

  it('answers duplicate when the same notice is pushed after it was accepted', async () => {
    const notice = aNotice();
    const first = await client.send(notice, WAIT);
    expect(await client.send(notice, WAIT)).toEqual({ ...first, duplicate: true });
  });

  it('gives the producer the reason for a refusal', async () => {
    const error = await failureOf(client.send(aNotice({ recipient: { nationalId: '0084575948' } }), WAIT));
    expect(error).toBeInstanceOf(AblaghRefused);
    expect(error).toMatchObject({
      code: 'unknown_employer',
      detail: 'No employer has this national ID.',
      message: 'unknown_employer: No employer has this national ID.',
    });
  });

  it('validates a refused notice again when it is pushed again', async () => {
    const notice = aNotice({ recipient: { nationalId: '0013542419' } });
    expect(await failureOf(client.send(notice, WAIT))).toMatchObject({ code: 'unknown_employer' });
    await registerEmployer(test.db, { nationalId: '0013542419' });
    expect(await client.send(notice, WAIT)).toMatchObject({ state: 'accepted', duplicate: false });
  });

  it('refuses other content under the same reference', async () => {
    const notice = aNotice();
    await client.send(notice, WAIT);
    const error = await failureOf(client.send({ ...notice, subject: 'دیگر' }, WAIT));
    expect(error).toMatchObject({ code: 'reference_conflict' });
  });

  it('is refused with a key that was forged or revoked', async () => {
    const forged = connect({ apiKey: `${keyId}.forged` });
    expect(await failureOf(forged.send(aNotice(), WAIT))).toMatchObject({ code: 'bad_signature' });
    const other = await addSource(test.db);
    await createSourceSystems(test.db).revoke(other.keyId);
    const revoked = connect({ apiKey: other.apiKey });
    expect(await failureOf(revoked.send(aNotice(), WAIT))).toMatchObject({ code: 'unauthorized' });
  });

  it('gives the job id when the answer does not come in time', async () => {
    await withoutWorkers(async (_, idle) => {
      expect(await idle.send(aNotice(), { wait: 50 })).toEqual({ jobId: expect.any(String) });
    });
  });

  it('throws when the queue is away, and pushes once it is back', async () => {
    await proxy.cut();
    const far = connectThroughProxy({ timeout: 400 });
    const error = await failureOf(far.send(aNotice()));
    expect(error).toBeInstanceOf(AblaghUnreachable);
    expect((error as Error).message).toBe('the queue cannot be reached (ECONNREFUSED)');
    expect(inspect(error, { depth: 10 })).not.toContain(apiKey);

    await proxy.restore();
    await until(() => far.send(aNotice()));
    await proxy.cut();
    const notice = aNotice();
    expect(await failureOf(far.send(notice))).toBeInstanceOf(AblaghUnreachable);
    await proxy.restore();
    expect(await until(() => far.send(notice, WAIT))).toMatchObject({ state: 'accepted' });
    expect(await accepted(notice.reference)).toHaveLength(1);
  });

  it('does not change the settings of the queue', async () => {
    const queue = backend.queue(INTAKE_QUEUE);
    const before = await queue.getMeta();
    await connect().send(aNotice(), WAIT);
    expect(await queue.getMeta()).toEqual(before);
  });
});

describe('the queue client', () => {
  it('requires a key, and exactly one address', () => {
    const redisUrl = 'redis://localhost';
    expect(() => createQueueClient({ apiKey: 'secret', redisUrl })).toThrow('apiKey is not an API key');
    expect(() => createQueueClient({ apiKey: 'abl_1.x' })).toThrow(
      'either redisUrl or databaseUrl is needed',
    );
    expect(() => createQueueClient({ apiKey: 'abl_1.x', redisUrl, databaseUrl: 'postgres://x' })).toThrow(
      'either redisUrl or databaseUrl is needed',
    );
    expect(() => createQueueClient({ apiKey: 'abl_1.x', redisUrl: 'localhost:6379' })).toThrow(
      'redisUrl is not a redis address',
    );
    expect(() => createQueueClient({ apiKey: 'abl_1.x', redisUrl: `${redisUrl}?sentinels=x` })).toThrow(
      'redisUrl does not name its sentinels as host:port',
    );
    expect(() => createQueueClient({ apiKey: 'abl_1.x', databaseUrl: redisUrl })).toThrow(
      'databaseUrl is not a postgres address',
    );
  });
});
