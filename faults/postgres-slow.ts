import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

/** Longer than any statement of the system may take. */
const LOCKED_MS = 33_000;

export const postgresSlow: Fault = {
  name: 'postgres-slow',
  description: 'a lock on the alerts lets every statement run into its timeout of 30 s',
  async inject({ postgres: { db } }) {
    const client = await db.pool.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE');
    await delay(LOCKED_MS);
    await client.query('ROLLBACK');
    client.release();
  },
};
