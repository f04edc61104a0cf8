import { setTimeout } from 'node:timers/promises';
import { createQueueClient } from '../../client/queue-client';
import { openConnection } from '../../client/queue-connection';
import { createQueueJob } from '../../client/queue-job';
import { createOperators } from '../../core/operators/operators';
import { callbackSecret } from '../../core/platform/derived-keys';
import { INTAKE_JOB } from '../../core/platform/queues';
import { createSourceSystems, hashApiKey, SCOPES } from '../../core/sources/source-systems';
import { toPersianDigits } from '../../core/text/normalise';
import { bearer } from '../api/test-api';
import { describeWithRedis } from '../support/backends';
import { aNotice, anAttachment, anEmployer, nationalId } from '../support/fixtures';
import { until } from '../support/until';
import { codesSentTo } from '../support/web-app';
import { emptyRedis } from '../workers/workers-process';
import { monitorRedis, type QueueContents, readPostgresContents, readRedisContents } from './queue-contents';
import { createRunningSystem, type RunningSystem, SECRETS } from './running-system';
import { createWebClient, type Reply } from './web-client';

jest.setTimeout(180_000);

/** Makes a person with personal data that must appear in no output. */
const person = (n: number, mobile: string, mailbox: string) => ({
  id: nationalId(45_100_000 + n),
  mobile,
  email: `${mailbox}@nobody-may-see-${n}.example`,
  name: `پنهان‌نام${n} نمونه`,
});
const MARYAM = person(1, '09127654321', 'maryam');
const REFUSED = person(2, '09990000411', 'reject');
const DOUBTFUL = person(3, '09990000005', 'drop');
const BLOCKED = person(4, '09990000014', 'full');
const PEOPLE = [MARYAM, REFUSED, DOUBTFUL, BLOCKED];
const TEXTS = {
  subject: 'موضوعی که پنهان است',
  smsText: 'متنی که پنهان است',
  fileName: 'پرونده پنهان.pdf',
  body: 'دستگاه پنهان',
};

/** Every output of the story, and its secrets. */
interface StoryRecord {
  secrets: Record<string, string>;
  replies: Reply[];
  logs: string;
  metrics: string;
  commandLines: string;
  /** The contents of the queues before the workers started, at many moments, and at the end. */
  during: QueueContents[];
  before: QueueContents;
  after: QueueContents;
  /** Every command that Redis received. */
  commands: string[];
}

describe('the whole story, with the queues on postgres,', () => testStory('postgres'));
describeWithRedis('the whole story, with the queues on redis,', () => testStory('redis'));

function testStory(kind: 'postgres' | 'redis'): void {
  let system: RunningSystem;
  let story: StoryRecord;
  beforeAll(async () => {
    const url = kind === 'redis' ? await emptyRedis(11) : undefined;
    system = await createRunningSystem(url);
    story = await playStory(system, url);
  }, 180_000);
  afterAll(() => system?.close());

  it('leaves no secret and no personal data in the log, at its most detailed level', () => {
    expect(story.logs.split('\n').length).toBeGreaterThan(100);
    expect(story.logs).toContain('"level":20');
    expect(findIn(story.logs, { ...story.secrets, ...PERSONAL })).toEqual([]);
  });

  it('leaves none in the metrics or the command lines', () => {
    expect(story.metrics).toContain('ablagh_attempts_total');
    expect(findIn(story.metrics, { ...story.secrets, ...PERSONAL })).toEqual([]);
    expect(story.commandLines).toContain('main');
    expect(findIn(story.commandLines, { ...story.secrets, ...PERSONAL })).toEqual([]);
  });

  it('leaves none in error answers or redirects', () => {
    const wrong = story.replies.filter(({ status }) => status >= 400);
    expect(new Set(wrong.map(({ status }) => status)).size).toBeGreaterThan(4);
    for (const { url, body } of wrong) {
      // A page shows the form again with what was typed, except for secrets.
      const own = url.startsWith('/v1/') ? PERSONAL : {};
      const kept = Object.entries(story.secrets).filter(([name]) => !name.startsWith('token'));
      expect([url, findIn(body, { ...Object.fromEntries(kept), ...own })]).toEqual([url, []]);
    }
    const redirects = story.replies.flatMap(({ headers }) => headers.get('location') ?? []).join('\n');
    expect(redirects).toContain('/inbox');
    expect(findIn(redirects, { ...story.secrets, ...PERSONAL })).toEqual([]);
  });

  it('leaves no secret in a queue, and personal data only in notices that wait for intake', () => {
    const moments = [story.before, ...story.during, story.after];
    expect(moments.length).toBeGreaterThan(10);
    const places = new Set<string>();
    for (const held of moments)
      for (const [place, value] of held) {
        expect([place, findIn(value, story.secrets)]).toEqual([place, []]);
        if (findIn(value, PERSONAL).length > 0)
          places.add(place.replace(/:notices:[\w-]+ /, ':notices:JOB '));
      }
    expect([...places]).toEqual(['ablagh:notices:JOB data']);
  });

  it('keeps the key id and the answer of an accepted notice, and all of a refused one', () => {
    const data = [...story.after].filter(([place]) => /^ablagh:notices:n\w+ data$/.test(place));
    const [taken, refused] = [
      data.filter(([, value]) => !isNotice(value)),
      data.filter(([, value]) => isNotice(value)),
    ];
    expect(taken.length).toBeGreaterThan(1);
    for (const [, value] of taken) expect(Object.keys(JSON.parse(value))).toEqual(['keyId', 'answer']);
    expect(refused).toHaveLength(2);
    const answers = [...story.after].filter(([place]) => /return_?value/i.test(place));
    expect(answers.some(([, value]) => value.includes('trackingNumber'))).toBe(true);
    expect([...story.before].filter(([, value]) => isNotice(value))).toHaveLength(1);
  });

  if (kind === 'redis')
    it('sends personal data to Redis only in pushed notices', () => {
      expect(story.commands.length).toBeGreaterThan(500);
      const personal = story.commands.filter((command) => findIn(command, PERSONAL).length > 0);
      expect(personal.length).toBeGreaterThan(0);
      for (const command of personal) expect(command).toMatch(/ablagh:notices:/);
      for (const command of story.commands) expect(findIn(command, story.secrets)).toEqual([]);
    });
}

const isNotice = (data: string): boolean => data.includes('"signature":');

/** Personal data, in every form in which it may appear. */
const PERSONAL: Record<string, string> = Object.fromEntries([
  ...PEOPLE.flatMap(({ id, mobile, email, name }) => [
    [`national ID ${id}`, id],
    [`national ID ${id} in Persian`, toPersianDigits(id)],
    [`mobile ${mobile}`, mobile.slice(1)],
    [`mobile ${mobile} in Persian`, toPersianDigits(mobile.slice(1))],
    [`email ${email}`, email],
    [`name ${name}`, name.split(' ')[0]],
  ]),
  ...Object.entries(TEXTS),
]);

/** Returns the names of the values that a text contains. Digits within a longer number do not count. */
function findIn(text: string, wanted: Record<string, string>): string[] {
  const readable = /\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|%[0-9A-F]{2}/i.test(text)
    ? `${text}\n${decoded(text)}`
    : text;
  return Object.keys(wanted).filter((name) => {
    const secret = wanted[name] as string;
    if (!readable.includes(secret)) return false;
    return !/^\d+$/.test(secret) || new RegExp(`(?<!\\d)(98|0)?${secret}(?!\\d)`).test(readable);
  });
}

const decoded = (text: string): string =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/(\\x[0-9a-f]{2})+/gi, (bytes) =>
      Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString('utf8'),
    )
    .replace(/(%[0-9A-F]{2})+/gi, (bytes) => {
      try {
        return decodeURIComponent(bytes);
      } catch {
        return bytes;
      }
    });

/** Plays the story, and collects every output. */
async function playStory(system: RunningSystem, url: string | undefined): Promise<StoryRecord> {
  const { db, sms } = system;
  const readQueues = () => (url ? readRedisContents(url) : readPostgresContents(db));
  const monitoring = url ? await monitorRedis(url) : undefined;
  const base = await system.startApi();
  const { apiKey } = await createSourceSystems(db).add('STORY', 'سامانه', [...SCOPES]);
  const secrets: Record<string, string> = {
    ...SECRETS,
    apiKey,
    'secret part of the API key': apiKey.split('.')[1] as string,
    'hash of the API key': hashApiKey(apiKey),
    callbackSecret: callbackSecret(SECRETS.secretKey),
  };
  const replies: Reply[] = [];
  const note = (reply: Reply) => void replies.push(reply);
  const call = async (path: string, init: RequestInit = {}): Promise<Reply> => {
    const answer = await fetch(`${base}${path}`, {
      ...init,
      headers: { ...bearer(apiKey), 'content-type': 'application/json', ...(init.headers as object) },
    });
    const reply = { status: answer.status, headers: answer.headers, body: await answer.text(), url: path };
    note(reply);
    return reply;
  };
  const put = (who: (typeof PEOPLE)[number], more = {}) =>
    call(`/v1/employers/${who.id}`, {
      method: 'PUT',
      body: JSON.stringify(anEmployer({ name: who.name, mobile: who.mobile, email: who.email, ...more })),
    });
  const noticeTo = (who: (typeof PEOPLE)[number], more = {}) =>
    aNotice({
      recipient: { nationalId: who.id },
      subject: TEXTS.subject,
      smsText: TEXTS.smsText,
      attachments: [anAttachment(undefined, TEXTS.fileName)],
      ...more,
    });
  const serve = (body: unknown, path = '/v1/notices', type = 'application/json') =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  // The queues hold pushed notices only, until the workers take them in.
  for (const who of PEOPLE) await put(who);
  const address = url ? { redisUrl: url } : { databaseUrl: system.databaseUrl };
  const client = createQueueClient({ apiKey, ...address });
  await client.send(noticeTo(MARYAM));
  const before = await readQueues();
  await system.startWorkers();
  const during: QueueContents[] = [];
  let watching = true;
  const watch = async (): Promise<void> => {
    while (watching) {
      during.push(await readQueues());
      await setTimeout(20);
    }
  };
  const watched = watch();

  // Notices come through every intake, right and wrong ones.
  const served = JSON.parse((await serve(noticeTo(MARYAM, { priority: 'urgent' }))).body) as { id: string };
  for (const who of [REFUSED, DOUBTFUL, BLOCKED]) await serve(noticeTo(who));
  await serve(
    [noticeTo(MARYAM), noticeTo(MARYAM, { kind: 'NOT A KIND' }), 'no JSON at all']
      .map((line) => JSON.stringify(line))
      .join('\n'),
    '/v1/notices/batch',
    'application/x-ndjson',
  );
  await serve(noticeTo({ ...MARYAM, id: nationalId(45_999_999) }));
  await serve(noticeTo(MARYAM, { recipient: { nationalId: MARYAM.id, mobile: `${MARYAM.mobile}0` } }));
  await serve(noticeTo(MARYAM, { recipient: { nationalId: MARYAM.id, email: `${MARYAM.email} x` } }));
  await serve(noticeTo(MARYAM, { smsText: `${TEXTS.smsText} https://x.example` }));
  await serve(`${JSON.stringify(noticeTo(MARYAM))}}`);
  await serve(JSON.stringify(noticeTo(MARYAM)), '/v1/notices', 'text/plain');
  await put(MARYAM, { mobile: `${MARYAM.mobile}0` });
  await call(`/v1/employers/${MARYAM.id}`);
  await call(`/v1/nowhere/${MARYAM.id}?mobile=${MARYAM.mobile}`);
  await call('/v1/events', { headers: { authorization: `Bearer ${apiKey}x` } });
  await client.send(noticeTo(MARYAM), { wait: 20_000 });
  await client.send(noticeTo(MARYAM, { kind: 'NOT A KIND' }), { wait: 20_000 }).catch(() => {});
  const forger = openConnection(address);
  const forged = createQueueJob(apiKey, noticeTo(MARYAM));
  await forger.queue.add(INTAKE_JOB, { ...forged.data, signature: '0'.repeat(64) }, forged.options);

  // An employer reads a notice, and shares it.
  const employer = createWebClient(base, note);
  await employer.get('/inbox');
  await employer.get('/login');
  await employer.post('/login', { nationalId: MARYAM.id });
  const [code] = await until(() => {
    const codes = codesSentTo(sms, MARYAM.mobile);
    return codes.length > 0 && codes;
  });
  secrets.loginCode = code as string;
  await employer.get('/login/code');
  await employer.post('/login/code', { code: code === '000000' ? '111111' : '000000' });
  const asked = employer.tokens();
  await employer.post('/login/code', { code: code as string });
  const { body: inbox } = await employer.get('/inbox');
  expect(inbox).toContain(MARYAM.name);
  const { body: notice } = await employer.get(`/inbox/${served.id}`);
  await employer.get(/\/inbox\/[\w-]+\/attachments\/[\w-]+/.exec(notice)?.[0] as string);
  await employer.get(`/inbox/${served.id}/permit`);
  await employer.post(`/inbox/${served.id}/permit`, { duration: 'week' });
  const { body: issued } = await employer.get(`/inbox/${served.id}/permit/issued`);
  const passcode = /data-copy="(\d{10})"/.exec(issued)?.[1] as string;
  secrets.passcode = passcode;
  const body = createWebClient(base, note);
  await body.get('/inquiry');
  const inquiry = { bodyName: TEXTS.body, nationalId: MARYAM.id };
  await body.post('/inquiry', { ...inquiry, passcode: '0000000000' });
  const { body: answered } = await body.post('/inquiry', { ...inquiry, passcode });
  const pass = /attachments\/[\w-]+\?pass=([\w-]+)/.exec(answered);
  secrets.pass = pass?.[1] as string;
  await body.get(`/inquiry/${pass?.[0]}`);
  await call('/v1/inquiries', { method: 'POST', body: JSON.stringify({ nationalId: MARYAM.id, passcode }) });
  await call('/v1/inquiries', {
    method: 'POST',
    body: JSON.stringify({ nationalId: MARYAM.id, passcode: '1' }),
  });

  // An operator searches for the notice, and steers.
  const { password } = await createOperators(db).add('story', 'operator');
  secrets.operatorPassword = password;
  const operator = createWebClient(base, note);
  await operator.get('/ops/login');
  await operator.post('/ops/login', { name: 'story', password: `${password}x` });
  await operator.post('/ops/login', { name: 'story', password });
  await operator.get('/ops/find');
  for (const q of [MARYAM.id, MARYAM.mobile, MARYAM.email]) await operator.post('/ops/find', { q });
  await operator.get(`/ops/notices/${served.id}/unmask`);
  const { body: unmasked } = await operator.post(`/ops/notices/${served.id}/unmask`, {
    reason: 'تماس کارفرما',
  });
  expect(unmasked).toContain(MARYAM.name);
  await operator.get('/ops/steering/lanes/sms/bulk/pause');
  await operator.post('/ops/steering/lanes/sms/bulk/pause', { reason: 'آزمایش' });
  await operator.get('/ops/queues/api/queues?activeQueue=notices&status=failed&page=1&jobsPerPage=20');
  await operator.get('/ops/dead-letters');

  // The provider calls back; a stranger tries to.
  const report = (secret: string) =>
    fetch(`${base}/callbacks/kavenegar/${secret}?messageid=${sms.messages()[0]?.id}&status=10`);
  await report(secrets.callbackSecret as string);
  await report(`${secrets.callbackSecret?.slice(0, -1)}_`);

  // All work ends, and then the services go away.
  const isOver = async () => {
    const [row] = await db.query<{ ended: number }>(
      `SELECT count(*)::int AS ended FROM alerts WHERE state IN ('failed', 'unknown')`,
    );
    return (row?.ended ?? 0) >= 3;
  };
  await until(isOver, { timeout: 60_000, what: 'alerts that end badly' });
  await Promise.all([system.sms.close(), system.smtp.close()]);
  await serve(noticeTo(MARYAM, { priority: 'urgent' }));
  await until(() => system.output().includes('"outcome":"not_sent"'), { timeout: 60_000 });
  await db.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ablagh-api' AND datname = current_database()`,
  );
  await call('/v1/events');
  const metrics = await system.metrics(base);
  await until(async () => [...(await readQueues())].filter(([, value]) => isNotice(value)).length === 2, {
    what: 'only refused notices are left in the queue',
  });
  watching = false;
  await watched;
  const after = await readQueues();
  [...asked, ...employer.tokens(), ...body.tokens(), ...operator.tokens()].forEach((token, i) => {
    secrets[`token ${i}`] = token;
  });
  await Promise.all([client.close(), forger.close()]);
  monitoring?.close();
  return {
    secrets,
    replies,
    logs: system.output(),
    metrics,
    commandLines: await system.commandLines(),
    during,
    before,
    after,
    commands: monitoring?.commands ?? [],
  };
}
