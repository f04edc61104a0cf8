import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type App, createServer } from '../../api/server';
import { traceRequests } from '../../api/trace-requests';
import { createLog } from '../../core/platform/log';
import { inSpan } from '../../core/platform/tracing';
import { originsOf, useTraces } from '../support/traces';
import { until } from '../support/until';

/** A server that opens a span of its own at every request, and signals when it begins to read a body. */
function createTracedServer(onReading: () => void = () => {}): App {
  const app = createServer(createLog('api', 'silent'));
  traceRequests(app);
  app.addHook('preParsing', async () => onReading());
  for (const url of ['/livez', '/readyz', '/metrics', '/things/:id'])
    app.get(url, async () => inSpan('work', {}, async () => ({})));
  app.post('/things', async () => inSpan('work', {}, async () => ({})));
  app.get('/broken', async () => {
    throw new Error('broken');
  });
  return app;
}

describe('requests that are traced', () => {
  const before = createTracedServer();
  const traces = useTraces();
  let app: App;
  let onReading: () => void = () => {};
  beforeEach(() => {
    traces.forget();
    app = createTracedServer(() => onReading());
  });
  afterEach(() => app.close());

  it('have no spans when no SDK was registered before the server was created', async () => {
    expect((await before.inject('/things/1')).statusCode).toBe(200);
    expect(traces.all().map(({ name }) => name)).toEqual(['work']);
    await before.close();
  });

  it('have spans named by the pattern of their route, with the status', async () => {
    for (const url of ['/things/0912', '/broken', '/nowhere/0912']) await app.inject(url);
    await until(() => traces.all().length === 4);
    const told = traces.all().filter(({ name }) => name !== 'work');
    expect(told.map(({ name, attributes }) => [name, attributes['http.response.status_code']])).toEqual([
      ['GET /things/:id', 200],
      ['GET /broken', 500],
      ['GET none', 404],
    ]);
    expect(JSON.stringify(told.map(({ attributes }) => attributes))).not.toContain('0912');
  });

  it('have no spans for probes and scrapes', async () => {
    for (const url of ['/livez', '/readyz', '/metrics']) await app.inject(url);
    expect(traces.all().map(({ name }) => name)).toEqual(['work', 'work', 'work']);
  });

  it('hold the spans of their work, also when the body arrives long after the head', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const reading = new Promise<void>((resolve) => {
      onReading = resolve;
    });
    const headers = { 'content-type': 'application/json', 'content-length': 2 };
    const sending = request({ port, method: 'POST', path: '/things', headers });
    sending.flushHeaders();
    await reading;
    sending.end('{}');
    const [answer] = (await once(sending, 'response')) as [IncomingMessage];
    expect(answer.resume().statusCode).toBe(200);
    await until(() => traces.named('POST /things').length);
    const [span] = traces.named('POST /things');
    expect(traces.named('work').map(originsOf)).toEqual([[span?.spanContext().spanId]]);
  });

  it('end their spans when the client goes away', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const reading = new Promise<void>((resolve) => {
      onReading = resolve;
    });
    const headers = { 'content-type': 'application/json', 'content-length': 2 };
    const sending = request({ port, method: 'POST', path: '/things', headers }).on('error', () => {});
    sending.flushHeaders();
    await reading;
    sending.destroy();
    await until(() => traces.named('POST /things').length);
  });
});
