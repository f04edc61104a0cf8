import { limitConcurrency } from '../../../core/operators/limit-concurrency';

/** Work that ends when told to. */
function aGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Lets everything that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('runs so many at once, lets so many wait in their order, and sends the rest away at once', async () => {
  const inTurn = limitConcurrency({ running: 2, waiting: 2 });
  const gates = Array.from({ length: 5 }, aGate);
  const begun: number[] = [];
  const runs = gates.map(({ opened }, i) =>
    inTurn(async () => {
      begun.push(i);
      await opened;
      return i;
    }),
  );
  await expect(runs[4]).rejects.toMatchObject({ code: 'rate_limited' });
  expect(begun).toEqual([0, 1]);
  gates[1]?.open();
  expect(await runs[1]).toBe(1);
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  for (const { open } of gates) open();
  expect(await Promise.all(runs.slice(0, 4))).toEqual([0, 1, 2, 3]);
  expect(begun).toEqual([0, 1, 2, 3]);
});

it('gives the place of work that failed to the next, and is empty in the end', async () => {
  const inTurn = limitConcurrency({ running: 1, waiting: 1 });
  const fails = inTurn(() => Promise.reject(new Error('broken')));
  const waits = inTurn(async () => 'done');
  await expect(fails).rejects.toThrow('broken');
  expect(await waits).toBe('done');
  const gate = aGate();
  const again = inTurn(() => gate.opened);
  const second = inTurn(async () => 'waited');
  await expect(inTurn(async () => 'one too many')).rejects.toMatchObject({ code: 'rate_limited' });
  gate.open();
  await again;
  expect(await second).toBe('waited');
});
