import { limitConcurrency } from '../../../core/operators/limit-concurrency';

/** Returns work that ends when the test opens the gate. */
function aGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Lets all pending promises run on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('runs some at once, lets some wait in order, and refuses the rest at once', async () => {
  const runLimited = limitConcurrency({ running: 2, waiting: 2 });
  const gates = Array.from({ length: 5 }, aGate);
  const started: number[] = [];
  const runs = gates.map(({ opened }, i) =>
    runLimited(async () => {
      started.push(i);
      await opened;
      return i;
    }),
  );
  await expect(runs[4]).rejects.toMatchObject({ code: 'rate_limited' });
  expect(started).toEqual([0, 1]);
  gates[1]?.open();
  expect(await runs[1]).toBe(1);
  await settle();
  expect(started).toEqual([0, 1, 2]);
  for (const { open } of gates) open();
  expect(await Promise.all(runs.slice(0, 4))).toEqual([0, 1, 2, 3]);
  expect(started).toEqual([0, 1, 2, 3]);
});

it('gives the slot of failed work to the next, and ends with all slots free', async () => {
  const runLimited = limitConcurrency({ running: 1, waiting: 1 });
  const fails = runLimited(() => Promise.reject(new Error('broken')));
  const waits = runLimited(async () => 'done');
  await expect(fails).rejects.toThrow('broken');
  expect(await waits).toBe('done');
  const gate = aGate();
  const again = runLimited(() => gate.opened);
  const second = runLimited(async () => 'waited');
  await expect(runLimited(async () => 'one too many')).rejects.toMatchObject({ code: 'rate_limited' });
  gate.open();
  await again;
  expect(await second).toBe('waited');
});
