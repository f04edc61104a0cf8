import { findBinaries } from './binaries';
import { initialiseCluster, openDatabase, readPassword } from './cluster';
import { chooseClusterLocation } from './cluster-location';
import { stopLeftOverPostmaster } from './left-over-postmaster';
import { startServer } from './server';
import type { PostgresProcessMessage } from './start-embedded-postgres';

/**
 * The keeper: the process between us and PostgreSQL. It has a session of its own and ignores signals, so that a signal from a
 * terminal or a service manager to all processes does not take the database away from processes that are still finishing. The
 * keeper waits only for the end of the channel to its parent, which comes by `disconnect()` or by the parent's death.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stderr.on('error', () => {});

const channelClosed = new Promise<void>((done) => process.once('disconnect', done));

async function run(): Promise<void> {
  const { dataDir, port, durable, owner } = JSON.parse(process.env.EMBEDDED_POSTGRES ?? '{}');
  const location = chooseClusterLocation(dataDir, durable);
  if (location.relocated) sendToParent({ kind: 'log', line: location.relocated });
  const binaries = await findBinaries(location);
  await stopLeftOverPostmaster(location.cluster);
  const password = await readPassword(dataDir, location);
  await initialiseCluster(binaries, location, password, durable);
  const server = await startServer(binaries, location, { port, durable, owner });
  const url = await openDatabase(server.port, password).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  sendToParent({ kind: 'ready', url });
  await Promise.race([channelClosed, server.exited]);
  await server.stop();
  await location.discardTemporaryData();
}

function sendToParent(message: PostgresProcessMessage): void {
  // The parent may be gone by now; the callback keeps that from being an uncaught error.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

run()
  .catch((error: Error) => sendToParent({ kind: 'failed', message: error.message }))
  .finally(() => {
    // Gives the messages time to leave, and ends the process: nothing else is open.
    if (process.connected) process.disconnect();
  });
