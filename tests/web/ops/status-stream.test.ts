import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createOperatorSessions } from '../../../core/operators/operator-sessions';
import { createOperators } from '../../../core/operators/operators';
import { createDatabase, type Queryable } from '../../../core/platform/database';
import { Unavailable } from '../../../core/platform/errors';
import type { StatusTiming } from '../../../web/ops/status/status-routes';
import { useDatabase } from '../../support/database';
import { createTcpProxy, throughProxy } from '../../support/tcp-proxy';
import { until } from '../../support/until';
import { aBadDay, aGoodDay, ago } from './overviews';
import { aViewer, type StatusServer, type StatusStream, startStatusServer } from './status-server';

const test = useDatabase();
const servers: StatusServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function aServer(pace: Partial<StatusTiming> = {}, db = test.db): Promise<StatusServer> {
  const server = await startStatusServer(db, pace);
  servers.push(server);
  return server;
}

const counted = async (stream: StatusStream, count: number) => {
  await until(() => stream.events.length >= count);
  return stream.events;
};

const connectionsOf = ({ app }: StatusServer): Promise<number> =>
  new Promise((resolve) => app.server.getConnections((_, count) => resolve(count)));

/** Whether a statement waits for the lock of a table. */
const waitingFor = async (db: Queryable, table: string): Promise<boolean> =>
  (await db.query('SELECT FROM pg_locks WHERE relation = $1::regclass AND NOT granted', [table])).length > 0;

describe('the stream', () => {
  it('sends every panel first, and then the changed ones', async () => {
    const server = await aServer();
    const stream = await server.open((await aViewer(test.db)).token);
    expect(stream.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.answer.headers.get('cache-control')).toBe('no-store');
    const [first, second] = await counted(stream, 2);
    expect([first?.event, first?.data.title]).toEqual(['status', 'وضعیت']);
    expect(first?.data.panels.map((html) => /id="([^"]+)"/.exec(html)?.[1])).toEqual([
      'pulse',
      'findings',
      'pauses',
      'key-figures',
      'traffic',
      'lines',
      'processes',
      'handover',
      'queues',
      'resources',
      'events',
    ]);
    expect(second?.data.panels).toEqual([]);
    server.setOverview(aGoodDay({ at: ago(-2), deadLetters: 3 }));
    const changed = await until(() => stream.events.find(({ data }, i) => i > 0 && data.panels.length > 0));
    const ids = changed.data.panels.map((html) => /id="([^"]+)"/.exec(html)?.[1]);
    expect(ids).toEqual(['pulse', 'key-figures', 'processes']);
  });

  it('sends HTML in messages as text', async () => {
    const server = await aServer();
    const findings = [
      { rule: 'line-closed', subject: 'x', since: ago(1), detail: '<script>alert(1)</script>' },
    ];
    server.setOverview(aGoodDay({ findings }));
    const stream = await server.open((await aViewer(test.db)).token);
    const [first] = await counted(stream, 1);
    expect(first?.data.panels.join()).toContain('&lt;script>alert(1)');
    expect(first?.data.panels.join()).not.toContain('<script');
  });

  it('reads once for all readers, and not at all without readers', async () => {
    const server = await aServer();
    const { token } = await aViewer(test.db);
    const streams = await Promise.all(Array.from({ length: 20 }, () => server.open(token)));
    for (const stream of streams) await counted(stream, 5);
    const most = Math.max(...streams.map(({ events }) => events.length));
    expect(server.readings).toBeLessThanOrEqual(most + 2);
    for (const stream of streams) stream.leave();
    await until(async () => (await connectionsOf(server)) === 0);
    const before = server.readings;
    // The session ends elsewhere.
    await counted(await (await aServer()).open(token), 8);
    expect(server.readings).toBeLessThanOrEqual(before + 1);
    await counted(await server.open(token), 2);
    expect(server.readings).toBeGreaterThan(before + 1);
  });

  it('reports the dependency that is down, goes on reading, and shows the status when it is back', async () => {
    const server = await aServer();
    const stream = await server.open((await aViewer(test.db)).token);
    await counted(stream, 1);
    server.setOverview(new Unavailable('postgres'));
    await until(() => stream.events.at(-1)?.event === 'away');
    expect(stream.events.at(-1)?.data).toEqual({ part: 'postgres' });
    server.setOverview(new Error('a fault of ours'));
    await until(() => stream.events.at(-1)?.data.part === 'server');
    server.setOverview(aBadDay());
    await until(() => stream.events.at(-1)?.data.title === '(۵) وضعیت');
    expect(stream.ended).toBe(false);
  });

  it('reports PostgreSQL as down when it does not answer, with one reading under way', async () => {
    const server = await aServer({ deadlineMs: 200 });
    const stream = await server.open((await aViewer(test.db)).token);
    await counted(stream, 1);
    const before = server.readings;
    server.setOverview(new Promise(() => {}));
    await until(() => stream.events.filter(({ event }) => event === 'away').length >= 3);
    expect(stream.events.at(-1)?.data).toEqual({ part: 'postgres' });
    expect(server.readings).toBeLessThanOrEqual(before + 2);
  });
});

describe('a reader whose session has ended', () => {
  it.each<[string, (who: { name: string; token: string }) => Promise<unknown>]>([
    ['removed', ({ name }) => createOperators(test.db).remove(name)],
    ['signed out', ({ token }) => createOperatorSessions(test.db).end(token)],
  ])('is shown nothing more, once %s', async (_, leave) => {
    const server = await aServer({ sessionCheckMs: 100 });
    const [who, other] = [await aViewer(test.db), await aViewer(test.db)];
    const [stream, kept] = [await server.open(who.token), await server.open(other.token)];
    await counted(stream, 6);
    expect(stream.ended).toBe(false);
    await leave(who);
    await until(() => stream.ended);
    await counted(kept, kept.events.length + 3);
  });

  it('receives nothing while sessions cannot be checked', async () => {
    const proxy = await createTcpProxy(Number(new URL(test.url).port));
    const db = createDatabase(throughProxy(test.url, proxy));
    const server = await aServer({ sessionCheckMs: 100 }, db);
    const stream = await server.open((await aViewer(test.db)).token);
    await counted(stream, 6);
    await proxy.cut();
    await until(() => server.readings - stream.events.length >= 5);
    expect(stream.ended).toBe(false);
    const before = stream.events.length;
    await proxy.restore();
    await counted(stream, before + 3);
    stream.leave();
    await until(async () => (await connectionsOf(server)) === 0);
    await db.close();
    await proxy.close();
  });
});

describe('a connection', () => {
  /** Gives each reading another text, so that each is sent. */
  const somethingLong = ({ readings }: StatusServer) => {
    const detail = 'ab'.charAt(readings % 2).repeat(200_000);
    return aGoodDay({ findings: [{ rule: 'line-closed', subject: 'x', since: ago(1), detail }] });
  };

  /** Opens the stream and never reads from it, so that events pile up. */
  async function stalledReader(server: StatusServer): Promise<{ name: string; socket: Socket }> {
    const { name, token } = await aViewer(test.db);
    const sockets: Socket[] = [];
    server.app.server.on('connection', (one: Socket) => sockets.push(one));
    const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1' }).pause();
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(`GET /ops/stream HTTP/1.1\r\nHost: x\r\nCookie: ablagh-ops=${token}\r\n\r\n`);
    await until(() => {
      server.setOverview(somethingLong(server));
      return sockets.some(({ writableLength }) => writableLength > 0);
    });
    return { name, socket };
  }

  it('that takes nothing is cut off, and delays no other reader', async () => {
    const server = await aServer({ intervalMs: 20, stalledReaderMs: 300 });
    const other = await server.open((await aViewer(test.db)).token);
    const { socket } = await stalledReader(server);
    await until(async () => (await connectionsOf(server)) === 1);
    await counted(other, other.events.length + 3);
    expect(other.ended).toBe(false);
    socket.destroy();
  });

  it('of a removed operator is closed, though the reader has stopped reading', async () => {
    const server = await aServer({ intervalMs: 20, sessionCheckMs: 100 });
    const { name, socket } = await stalledReader(server);
    await createOperators(test.db).remove(name);
    await until(async () => (await connectionsOf(server)) === 0);
    socket.destroy();
  });

  it.each<[string, (server: StatusServer, leave: () => void) => Promise<unknown>]>([
    [
      'whose reader left',
      async (server, leave) => {
        leave();
        await until(async () => (await connectionsOf(server)) === 0);
      },
    ],
    ['when the server was told to stop', async (server) => void server.close()],
  ])('%s before the session was found is not begun', async (_, meanwhile) => {
    const server = await aServer();
    const { token } = await aViewer(test.db);
    const leaving = new AbortController();
    const headers = { cookie: `ablagh-ops=${token}` };
    await test.db.transaction(async (trx) => {
      await trx.query('LOCK TABLE operator_sessions');
      void fetch(`${server.url}/ops/stream`, { headers, signal: leaving.signal }).catch(() => {});
      await until(async () => waitingFor(trx, 'operator_sessions'));
      await meanwhile(server, () => leaving.abort());
    });
    // The same look-up again: once this one is answered, the first one was too.
    await fetch(`${server.url}/ops/stream`, { method: 'HEAD', headers }).catch(() => {});
    await server.close();
    expect(server.readings).toBe(0);
  });

  it('does not keep the server from stopping, whether its reader takes events or not', async () => {
    const server = await aServer();
    const stream = await server.open((await aViewer(test.db)).token);
    const { socket } = await stalledReader(server);
    await server.close();
    await until(() => stream.ended);
    socket.destroy();
  });
});
