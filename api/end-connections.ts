import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { App } from './server';

/**
 * Lets the server close as soon as it has answered. Node by itself waits for whoever is connected: for connections
 * that never sent a whole head of a request, which browsers open ahead and load balancers keep, as long as a head
 * may take; and for those whose last answer was under way, as long as they are kept for a next request.
 */
export function endConnectionsAtClose(app: App): void {
  const unused = new Set<Socket>();
  let closing = false;
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    unused.delete(socket);
    response.once('finish', () => {
      if (closing) socket.destroySoon();
    });
  });
  app.addHook('preClose', async () => {
    closing = true;
    for (const socket of unused) socket.destroy();
  });
}
