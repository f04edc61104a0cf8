import { createServer } from 'node:net';
import { AblaghError } from '../core/platform/errors';

/** Another process listens on the port. */
export class PortInUse extends AblaghError {
  constructor(host: string, port: number) {
    super(
      'port_in_use',
      `Port ${port} on ${host} is in use. Stop what listens there, or choose another: PORT=3001 npm start`,
    );
  }
}

/** @throws PortInUse before anything is started that would have to be stopped again */
export async function assertPortIsFree(host: string, port: number): Promise<void> {
  await listenOnce(host, port).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new PortInUse(host, port) : error;
  });
}

/** Finds a port of the loopback interface that nothing listens on at this moment. */
export const freePort = (): Promise<number> => listenOnce('127.0.0.1', 0);

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
