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

  it('waits for nobody for ever', async () => {
    const app = createServer(log);
    await app.ready();
    expect(app.server).toMatchObject({ headersTimeout: 10_000, timeout: 60_000 });
    expect(app.initialConfig).toMatchObject({ handlerTimeout: 30_000 });
    await app.close();
  });
});
