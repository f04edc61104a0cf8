import { findBinaries } from './binaries';
import { initialiseCluster, openDatabase, readPassword } from './cluster';
import { chooseClusterLocation } from './cluster-location';
import { stopLeftOverPostmaster } from './left-over-postmaster';
import { startServer } from './server';
import type { PostgresProcessMessage } from './start-embedded-postgres';

/**
 * The process between us and PostgreSQL. It stands in a session of its own and does nothing on signals, so
 * what a terminal or a service manager sends to everybody at once does not take the database away from
 * processes that are still finishing. The end of the channel is the one thing it waits for: that comes by
 * `disconnect()` as well as by a parent that was killed.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stderr.on('error', () => {});

const channelClosed = new Promise<void>((done) => process.once('disconnect', done));

async function run(): Promise<void> {
  const { dataDir, port, durable, owner } = JSON.parse(process.env.EMBEDDED_POSTGRES ?? '{}');
  const place = chooseClusterLocation(dataDir, durable);
  if (place.relocated) sendToParent({ kind: 'log', line: place.relocated });
  const binaries = await findBinaries(place);
  await stopLeftOverPostmaster(place.cluster);
  const password = await readPassword(dataDir, place);
  await initialiseCluster(binaries, place, password, durable);
  const server = await startServer(binaries, place, { port, durable, owner });
  const url = await openDatabase(server.port, password).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  sendToParent({ kind: 'ready', url });
  await Promise.race([channelClosed, server.exited]);
  await server.stop();
  await place.discardTemporaryData();
}

function sendToParent(message: PostgresProcessMessage): void {
  // The parent may be gone by now; the callback keeps that from being an uncaught error.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

run()
  .catch((error: Error) => sendToParent({ kind: 'failed', message: error.message }))
  .finally(() => {
    // Leaves the messages time to get out, and ends the process: nothing else is open.
    if (process.connected) process.disconnect();
  });
