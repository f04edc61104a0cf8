import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const DISK_MB = 300;
const FULL_MS = 8_000;

export const postgresDiskFull: Fault = {
  name: 'postgres-disk-full',
  description: `the disk of PostgreSQL (a tmpfs of ${DISK_MB} MB) is full`,
  prepare(dataDir) {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=0755`, 'tmpfs', dataDir], {
        stdio: 'ignore',
      });
      return () => void execFileSync('umount', ['-l', dataDir], { stdio: 'ignore' });
    } catch {
      return false;
    }
  },
  async inject({ dataDir, postgres }) {
    const filler = join(dataDir, 'filler');
    const deadline = Date.now() + FULL_MS;
    while (Date.now() < deadline) {
      fill(filler);
      await delay(100);
    }
    rmSync(filler);
    // PostgreSQL gives up when it cannot write its log; a person then starts it again.
    if (!(await isRunning(postgres.db))) {
      await postgres.stop();
      await postgres.start();
    }
  },
};

const isRunning = (db: { query(sql: string): Promise<unknown> }) =>
  db.query('SELECT 1').then(
    () => true,
    () => false,
  );

/** Fills the rest of the disk, to the last byte. */
function fill(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (let size = 1 << 20; size > 0; ) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch {
        size >>= 1;
      }
    }
  } finally {
    closeSync(file);
  }
}
