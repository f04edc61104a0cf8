import type { AddressInfo, Server } from 'node:net';

/**
 * Lets a server listen on 127.0.0.1.
 *
 * @returns the port, a free one when none is given
 * @throws Error with code `EADDRINUSE` when the port is taken
 */
export const listenOnLoopback = (server: Server, port = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
