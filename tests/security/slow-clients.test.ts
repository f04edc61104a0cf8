import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { sendProblem } from '../../api/problem';
import { type App, createServer } from '../../api/server';
import { createLog } from '../../core/platform/log';

/** The timeouts of production, a hundred times as fast. */
const TIMEOUTS_MS = { idle: 300, headers: 200, handler: 300, checkInterval: 50 };

let app: App;
const served: Socket[] = [];
beforeAll(async () => {
  app = createServer(createLog('test', 'silent'), '', TIMEOUTS_MS);
  app.setErrorHandler(sendProblem);
  app.post('/body', async () => 'read');
  app.get('/endless', { handlerTimeout: 60_000 }, (_request, reply) => {
    const page = Buffer.alloc(64 * 1024, 'x');
    return reply.type('text/plain').send(
      new Readable({
        read() {
          this.push(page);
        },
      }),
    );
  });
  app.server.on('connection', (socket) => served.push(socket));
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => app.close());

const dial = (): Socket => {
  const { port } = app.server.address() as AddressInfo;
  return connect(port, '127.0.0.1')
    .setEncoding('latin1')
    .on('error', () => {});
};

/** Sends the beginning, and then byte after byte until the connection ends. @returns the whole answer */
async function drip(beginning: string): Promise<string> {
  const socket = dial();
  socket.write(beginning);
  const dripping = setInterval(() => socket.write('x'), 20);
  let told = '';
  socket.on('data', (part: string) => {
    told += part;
  });
  await once(socket, 'close');
  clearInterval(dripping);
  return told;
}

describe('a client that sends', () => {
  it('headers byte by byte is disconnected', async () => {
    const told = await drip('POST /body HTTP/1.1\r\nHost: here\r\nX-Slow: ');
    expect(told).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('a body byte by byte is answered with a timeout and disconnected', async () => {
    const told = await drip(
      'POST /body HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{',
    );
    expect(told).toMatch(/^HTTP\/1\.1 503 /);
    expect(told).toMatch(/\r\nconnection: close\r\n/i);
  });

  it('nothing at all is disconnected', async () => {
    const socket = dial();
    socket.resume();
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });
});

it('a client that reads no answer is disconnected, and the answer ends', async () => {
  const before = served.length;
  const socket = dial();
  socket.pause();
  socket.write('GET /endless HTTP/1.1\r\nHost: here\r\n\r\n');
  await once(app.server, 'request');
  const ours = served[before] as Socket;
  await new Promise((resolve) => {
    ours.once('close', resolve);
  });
  expect(ours.bytesWritten).toBeGreaterThan(0);
  socket.destroy();
});
