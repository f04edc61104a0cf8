import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { System } from './system';

const RUN_MS = 10_000;
const FAKETIME = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(
  (system) => `/usr/lib/${system}/faketime/libfaketime.so.1`,
);

/** Runs an API and workers on a host with a wrong clock for a while, and stops them in order. */
export async function runWithWrongClock(system: System, seconds: number): Promise<void> {
  const env = wrongClockEnv(system, seconds);
  const children = [await system.addApi({ env }), system.addWorkers({ env })];
  for (const child of children) child.start();
  await Promise.all(children.map((child) => child.ready()));
  await delay(RUN_MS);
  await Promise.all(children.map((child) => child.stop()));
}

/** Shifts the clock of the whole process with libfaketime where it is installed, else the clock of its JavaScript. */
function wrongClockEnv(system: System, seconds: number): NodeJS.ProcessEnv {
  const library = FAKETIME.find((path) => existsSync(path));
  if (library) {
    const sign = seconds < 0 ? '-' : '+';
    return {
      LD_PRELOAD: library,
      FAKETIME: `${sign}${Math.abs(seconds)}s`,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }
  system.remarks.push('the clock of JavaScript alone: there is no libfaketime');
  const preload = join(system.dataDir, 'wrong-clock.cjs');
  writeFileSync(preload, shiftedDate(seconds * 1_000));
  return { NODE_OPTIONS: `--require ${preload}` };
}

const shiftedDate = (ms: number) => `
  const Right = Date;
  globalThis.Date = class Date extends Right {
    constructor(...given) {
      if (given.length === 0) super(Right.now() + ${ms});
      else super(...given);
    }
    static now() {
      return Right.now() + ${ms};
    }
  };
`;
