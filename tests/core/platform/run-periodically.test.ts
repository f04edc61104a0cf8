import { Writable } from 'node:stream';
import { createLog } from '../../../core/platform/log';
import { runPeriodically } from '../../../core/platform/run-periodically';
import { until } from '../../support/until';

const entries: Record<string, unknown>[] = [];
const log = createLog(
  'test',
  'trace',
  new Writable({
    write(chunk, _, done) {
      entries.push(JSON.parse(String(chunk)));
      done();
    },
  }),
);
beforeEach(() => void entries.splice(0));

describe('a periodic task', () => {
  it('runs at once, and again after each end', async () => {
    let runs = 0;
    const task = runPeriodically(1, 'count', log, async () => {
      runs += 1;
    });
    expect(runs).toBe(1);
    await until(() => runs >= 3);
    await task.close();
    expect(entries).toEqual([]);
  });

  it('runs again after an error, of which only the name and the code are logged', async () => {
    let runs = 0;
    const task = runPeriodically(1, 'fail', log, async () => {
      runs += 1;
      throw Object.assign(new TypeError('hunter2'), { code: 'E7' });
    });
    await until(() => runs >= 3);
    await task.close();
    expect(entries.length).toBeGreaterThanOrEqual(2);
    expect(entries[0]).toMatchObject({ level: 40, task: 'fail', error: 'TypeError', code: 'E7' });
    expect(JSON.stringify(entries)).not.toContain('hunter2');
  });

  it('never overlaps itself, and is waited for when it is closed', async () => {
    let running = 0;
    let finish = (): void => {};
    const started: number[] = [];
    const task = runPeriodically(1, 'slow', log, async () => {
      running += 1;
      started.push(running);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      running -= 1;
    });
    finish();
    await until(() => started.length === 2);
    const closed = task.close();
    finish();
    await closed;
    expect(started).toEqual([1, 1]);
    expect(running).toBe(0);
  });

  it('does not run again once it is closed', async () => {
    let runs = 0;
    const task = runPeriodically(1, 'count', log, async () => {
      runs += 1;
    });
    await until(() => runs === 1);
    await task.close();
    const atClose = runs;
    // Three timers of the same length that start later end later.
    for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(runs).toBe(atClose);
  });
});
