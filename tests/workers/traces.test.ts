import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { type Api, startApi } from '../../api/start-api';
import { createHttpClient } from '../../client';
import { createAlerts } from '../../core/alerts/alerts';
import { createCallbacks } from '../../core/alerts/callbacks';
import { decideAfterSend } from '../../core/alerts/decide-after-send';
import { resendAlerts } from '../../core/alerts/resend-alerts';
import type { SendOutcome } from '../../core/channels/outcomes';
import { createInquiries } from '../../core/inquiries/inquiries';
import { createPermits } from '../../core/permits/permits';
import type { Config } from '../../core/platform/config';
import { loadConfig, WORKERS_REQUIRED_SETTINGS } from '../../core/platform/config';
import type { Database } from '../../core/platform/database';
import { createLog } from '../../core/platform/log';
import { createOutbox } from '../../core/platform/outbox';
import type { Closable } from '../../core/platform/shutdown';
import { inSpan } from '../../core/platform/tracing';
import { createLoginCodes } from '../../core/sessions/login-codes';
import { startWorkers } from '../../workers/start-workers';
import { createAlertDesk, mobiles, type TestAlert } from '../support/alert-desk';
import { forceAlertState } from '../support/alert-states';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, aNotice, registerEmployer } from '../support/fixtures';
import { serveNotice } from '../support/served-notice';
import { originsOf, useTraces } from '../support/traces';
import { until as untilSoon } from '../support/until';
import { type Providers, startProviders } from './providers';

jest.setTimeout(60_000);

/** Everything starts from nothing here, so it may take a while. */
const until = (check: () => unknown) =>
  untilSoon(() => Boolean(check()), { timeout: 20_000, what: String(check) });

const MOBILE = '09121110042';
const EMAIL = 'traced@example.org';
const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

let test: TestDatabase;
let providers: Providers;
let folder: string;
let config: Config<(typeof WORKERS_REQUIRED_SETTINGS)[number]>;
let apiKey: string;
let api: Api | undefined;
let parts: Closable[] = [];

beforeEach(async () => {
  test = await createTestDatabase({ max: 20 });
  providers = await startProviders();
  folder = await mkdtemp(join(tmpdir(), 'ablagh-traces-'));
  config = loadConfig(
    {
      ...providers.workersEnv(test.url, folder),
      PORT: '0',
    },
    WORKERS_REQUIRED_SETTINGS,
  );
  await registerEmployer(test.db);
  apiKey = (await addSource(test.db)).apiKey;
});
afterEach(async () => {
  for (const part of parts.splice(0)) await part.close();
  await api?.close();
  api = undefined;
  await providers.close();
  await test.drop();
  await rm(folder, { recursive: true, force: true });
});

async function listen(): Promise<string> {
  api = await startApi(config, { log: createLog('api', 'silent') });
  return api.address;
}

const send = async (address: string, headers: Record<string, string> = {}): Promise<void> => {
  const notice = aNotice({ recipient: { mobile: MOBILE, email: EMAIL } });
  const answer = await fetch(`${address}/v1/notices`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(notice),
  });
  expect(answer.status).toBe(202);
};

const kept = async () =>
  (await test.db.query<{ trace: string | null }>('SELECT trace FROM outbox ORDER BY id')).map(
    ({ trace }) => trace,
  );

describe('a notice without tracing', () => {
  it('leaves no trace in the outbox, and no statement asks for one', async () => {
    await send(await listen());
    expect(await kept()).toEqual([null, null]);
    const statements: string[] = [];
    expect(await createOutbox(listeningTo(test.db, statements)).origins(['1'])).toEqual([]);
    expect(statements).toEqual([]);
  });
});

/** The database, telling what it is asked, in transactions too. */
function listeningTo(db: Database, statements: string[]): Database {
  const listening = <Asked extends Pick<Database, 'query'>>(asked: Asked): Asked => ({
    ...asked,
    query: (sql: string, values?: unknown[]) => {
      statements.push(sql);
      return asked.query(sql, values);
    },
  });
  return { ...listening(db), transaction: (work) => db.transaction((trx) => work(listening(trx))) };
}

describe('a traced notice', () => {
  const traces = useTraces();
  beforeEach(() => traces.forget());

  const one = (name: string): ReadableSpan => {
    const [span, ...others] = traces.named(name);
    if (!span || others.length > 0) throw new Error(`${others.length + Number(!!span)} spans called ${name}`);
    return span;
  };
  const idOf = (name: string): string => one(name).spanContext().spanId;

  it('is followed from the request of its sender to both providers', async () => {
    const address = await listen();
    parts = await startWorkers(config, providers.log);
    await send(address, { traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` });
    await until(() => traces.named('kavenegar sms/sendarray').length && traces.named('smtp send').length);
    await until(() => traces.named('work sms-normal').length && traces.named('work email-normal').length);

    expect(originsOf(one('POST /v1/notices'))).toEqual([CALLER.spanId]);
    expect(originsOf(one('accept notices'))).toEqual([idOf('POST /v1/notices')]);
    for (const name of ['work sms-normal', 'work email-normal'])
      expect(originsOf(one(name))).toEqual([idOf('accept notices')]);
    // The work that follows, to ask for delivery reports, is published as well.
    expect(new Set(traces.named('publish').flatMap(originsOf))).toEqual(new Set([idOf('accept notices')]));
    expect(originsOf(one('kavenegar sms/sendarray'))).toEqual([idOf('work sms-normal')]);
    expect(originsOf(one('smtp send'))).toEqual([idOf('work email-normal')]);

    const elsewhere = traces.all().filter((span) => span.spanContext().traceId !== CALLER.traceId);
    expect(elsewhere.filter(({ name }) => name !== 'kavenegar account/info')).toEqual([]);
    expect(one('kavenegar sms/sendarray').attributes).toEqual({ 'ablagh.code': '200' });
    expect(one('smtp send').attributes).toEqual({ 'ablagh.code': '250' });
    const [notice] = await test.db.query<{ id: string }>('SELECT id FROM notices');
    expect(one('accept notices').attributes['ablagh.notice_ids']).toEqual([notice?.id]);
  });

  it('is traced without the requests of monitoring', async () => {
    const address = await listen();
    for (const path of ['/livez', '/readyz', '/metrics', '/nowhere']) await fetch(address + path);
    await until(() => traces.all().length);
    expect(
      traces.all().map(({ name, attributes }) => [name, attributes['http.response.status_code']]),
    ).toEqual([['GET none', 404]]);
  });

  it('leaves no personal data in its spans', async () => {
    const address = await listen();
    parts = await startWorkers(config, providers.log);
    await send(address);
    await until(() => traces.named('work sms-normal').length && traces.named('work email-normal').length);
    const told = JSON.stringify(
      traces.all().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    );
    const persons = [MOBILE.slice(1), EMAIL, '0499370899', '0183630045', 'شرکت', 'اعلام', 'HR-1403'];
    for (const personal of [...persons, apiKey, providers.kavenegar.apiKey, '127.0.0.1'])
      expect(told).not.toContain(personal);
  });

  it('is linked from every group of the batch it came in', async () => {
    const client = createHttpClient({ url: await listen(), apiKey });
    for await (const { status } of client.sendBatch(Array.from({ length: 1_200 }, () => aNotice())))
      expect(status).toBe(202);
    await until(() => traces.named('POST /v1/notices/batch').length);
    const groups = traces.named('accept notices');
    expect(groups.length).toBeGreaterThan(1);
    for (const group of groups) expect(originsOf(group)).toEqual([idOf('POST /v1/notices/batch')]);
  });

  it('is linked from the group it was written in, if it arrived with others', async () => {
    const address = await listen();
    await Promise.all(Array.from({ length: 20 }, () => send(address)));
    await until(() => traces.named('POST /v1/notices').length === 20);
    const requests = traces.named('POST /v1/notices').map((span) => span.spanContext().spanId);
    const groups = traces.named('accept notices');
    expect(groups.flatMap(originsOf).sort()).toEqual(requests.sort());
    expect(groups.length).toBeLessThan(20);
  });

  it('shares a job with others, which is linked to all of them', async () => {
    const address = await listen();
    await send(address);
    await send(address);
    parts = await startWorkers(config, providers.log);
    await until(() => traces.named('work sms-normal').length);
    const accepted = traces.named('accept notices').map((span) => span.spanContext().spanId);
    expect(accepted).toHaveLength(2);
    expect(originsOf(one('work sms-normal'))).toEqual(accepted);
    expect(traces.named('publish').map(originsOf)[0]).toEqual(accepted);
    expect(one('work sms-normal').attributes).toEqual({ 'ablagh.outbox_rows': 2 });
  });

  it('keeps its trace in the outbox until it is sent', async () => {
    await send(await listen());
    await until(() => traces.named('POST /v1/notices').length);
    const { traceId, spanId } = one('accept notices').spanContext();
    expect(await kept()).toEqual(Array(2).fill(`00-${traceId}-${spanId}-01`));
  });

  it('keeps its trace where a set is split by outcome or by the rate of the line', async () => {
    const trace = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
    const desk = await createAlertDesk(test.db);
    const [first, , , last] = (await desk.accept(mobiles(4), { together: true })) as TestAlert[];
    await test.db.query('UPDATE outbox SET trace = $1', [trace]);
    const alerts = createAlerts(test.db, 'sms');
    const ids = [first?.outboxId as string];
    const claimed = await alerts.claim('sms-normal', ids, 'kavenegar', 3);
    await alerts.splitOffUnclaimed([], claimed);
    const refused: SendOutcome = { outcome: 'not_sent', code: '418', detail: 'the credit is not enough' };
    const accepted: SendOutcome = {
      outcome: 'accepted',
      code: '1',
      providerMessageId: '1',
      parts: 1,
      cost: 1,
    };
    await alerts.settle(
      'kavenegar',
      claimed.map((alert) => {
        const result = alert.alertId === first?.alertId ? refused : accepted;
        return {
          alert,
          result,
          decision: decideAfterSend(result, { ...alert, channel: 'sms', onUnknownEmail: 'park' }),
        };
      }),
    );
    const work = await test.db.query<{ queue: string; alerts: string[]; trace: string | null }>(
      'SELECT queue, subject_ids AS alerts, trace FROM outbox ORDER BY queue, cardinality(subject_ids), subject_ids',
    );
    expect(work).toEqual([
      { queue: 'sms-normal', alerts: [first?.alertId], trace },
      { queue: 'sms-normal', alerts: [last?.alertId], trace },
      { queue: 'sms-receipts', alerts: expect.any(Array), trace },
    ]);
  });

  it('is not alone: a login code, the SMS to the owner of a permit, a pushed report and a resent alert keep their trace, too', async () => {
    const desk = await createAlertDesk(test.db);
    const [dead] = (await desk.accept(mobiles(1))) as [TestAlert];
    await forceAlertState(test.db, [dead.alertId], 'failed');
    const notice = await serveNotice(test.db);
    const { SECRET_KEY } = config;
    const issued = await createPermits(test.db, SECRET_KEY).issue({ ...notice, duration: 'day' });
    await test.db.query('DELETE FROM outbox');

    const requests: Record<string, () => Promise<unknown>> = {
      code: () =>
        createLoginCodes(test.db, [SECRET_KEY]).request('0499370899', {
          token: 'visitor',
          address: '192.0.2.1',
        }),
      inquiry: () =>
        createInquiries(test.db, SECRET_KEY, { refusalMs: 0 }).answer({
          nationalId: notice.nationalId,
          passcode: issued?.passcode as string,
          bodyName: 'بانک',
          address: '192.0.2.1',
          actor: 'panel',
        }),
      callback: () => createCallbacks(test.db).record('8792343', 10),
      resend: () => test.db.transaction((trx) => resendAlerts(trx, [dead.alertId], 72)),
    };
    for (const [name, request] of Object.entries(requests)) await inSpan(name, {}, request);
    const spans = Object.keys(requests).map((name) => traces.named(name)[0]?.spanContext());
    expect(await kept()).toEqual(spans.map((span) => `00-${span?.traceId}-${span?.spanId}-01`));
  });
});
