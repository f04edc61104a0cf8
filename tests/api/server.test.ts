import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { sendProblem } from '../../api/problem';
import { createServer } from '../../api/server';
import { createLog } from '../../core/platform/log';

const log = createLog('test', 'silent');

describe('the server', () => {
  it('answers 503 when a handler takes too long, and closes the connection', async () => {
    const app = createServer(log);
    app.setErrorHandler(sendProblem);
    app.get('/slow', { handlerTimeout: 10 }, () => new Promise(() => {}));
    const answer = await app.inject('/slow');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers.connection).toBe('close');
    expect(answer.json()).toMatchObject({ code: 'unavailable' });
    await app.close();
  });

  it('times out a connection that sends or reads nothing', async () => {
    const app = createServer(log);
    await app.ready();
    expect(app.server).toMatchObject({ headersTimeout: 10_000, timeout: 60_000 });
    expect(app.initialConfig).toMatchObject({ handlerTimeout: 30_000 });
    await app.close();
  });

  it('closes without waiting for connections without a request, and answers the others', async () => {
    const app = createServer(log);
    let asked = () => {};
    let answer = (_: object) => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    app.get('/slow', () => {
      asked();
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    // Otherwise the server would wait for them no longer than this.
    app.server.headersTimeout = 0;
    const { port } = app.server.address() as AddressInfo;
    const [silent, halfway] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all([once(silent, 'connect'), once(halfway, 'connect')]);
    halfway.write('GET /slow HTTP/1.1\r\nHost: ');
    const waiting = fetch(`${address}/slow`);
    await isAsked;
    const closed = app.close();
    await Promise.all([once(silent, 'close'), once(halfway, 'close')]);
    answer({ answered: true });
    expect(await (await waiting).json()).toEqual({ answered: true });
    await closed;
  });
});
