import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Fault } from './rig/fault';

const HELD_MS = 8_000;
/** Connections opened at a time: opening all of them at once would exhaust the machine instead of PostgreSQL. */
const PARALLEL_CONNECTS = 10;

export const postgresOutOfConnections: Fault = {
  name: 'postgres-out-of-connections',
  description: 'somebody else takes every connection PostgreSQL has',
  async inject({ postgres }) {
    const taken: Client[] = [];
    let holding = true;
    const take = async () => {
      while (holding) {
        const client = new Client({ connectionString: postgres.url, application_name: 'somebody else' });
        client.on('error', () => {});
        await client.connect().then(
          () => taken.push(client),
          () => delay(100),
        );
      }
    };
    const takers = Array.from({ length: PARALLEL_CONNECTS }, take);
    // The system also loses the connections it has, and cannot get them back.
    await delay(HELD_MS / 2);
    await postgres.db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ablagh-%'`,
    );
    await delay(HELD_MS);
    holding = false;
    await Promise.all(takers);
    await Promise.all(taken.map((client) => client.end().catch(() => {})));
  },
};
