import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const REGISTER = join(__dirname, '../../../embedded/typescript-register.cjs');
const LONG_MS = 60_000;

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

/** Starts a process with these things to close, and waits until it listens for signals. */
async function startClosing(deadline: number, ...names: string[]) {
  const child = fork(join(__dirname, 'closing-process.ts'), [`${deadline}`, ...names], {
    execArgv: ['--require', REGISTER],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  running.add(child);
  const events: unknown[] = [];
  let log = '';
  child.on('message', (event) => events.push(event));
  child.stdout?.on('data', (chunk) => {
    log += chunk;
  });
  const closed = once(child, 'close');
  await once(child, 'message');
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    nextEvent: () => once(child, 'message'),
    async end() {
      const [code] = await closed;
      running.delete(child);
      const entries = log
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { level: number; msg: string });
      return { code, events: events.slice(1), log: entries.map(({ level, msg }) => [level, msg]) };
    },
  };
}

describe('a process that gets a signal to stop', () => {
  it.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
    'closes everything in order on %s, and ends with code 0',
    async (signal) => {
      const closing = await startClosing(LONG_MS, 'first', 'second');
      closing.kill(signal);
      expect(await closing.end()).toEqual({
        code: 0,
        events: ['closing first', 'closed first', 'closing second', 'closed second'],
        log: [
          [30, 'stopping'],
          [30, 'stopped'],
        ],
      });
    },
  );

  it('closes everything once, whatever signals follow', async () => {
    const closing = await startClosing(LONG_MS, 'first', 'second');
    closing.kill('SIGINT');
    await closing.nextEvent();
    closing.kill('SIGTERM');
    closing.kill('SIGINT');
    const { code, events } = await closing.end();
    expect(code).toBe(0);
    expect(events).toEqual(['closing first', 'closed first', 'closing second', 'closed second']);
  });

  it('closes the rest when something cannot be closed', async () => {
    const closing = await startClosing(LONG_MS, 'fails', 'second');
    closing.kill('SIGTERM');
    expect(await closing.end()).toMatchObject({
      code: 0,
      events: ['closing fails', 'closing second', 'closed second'],
      log: [
        [30, 'stopping'],
        [50, 'could not be closed'],
        [30, 'stopped'],
      ],
    });
  });

  it('ends with code 1 at its deadline when something hangs', async () => {
    const closing = await startClosing(50, 'hangs', 'never');
    closing.kill('SIGTERM');
    expect(await closing.end()).toMatchObject({
      code: 1,
      events: ['closing hangs'],
      log: [
        [30, 'stopping'],
        [50, 'stopping took too long'],
      ],
    });
  });
});
