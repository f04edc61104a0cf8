import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** Lets no more bytes through on the open connections, as a firewall that forgot them. */
  stifle(): void;
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Takes connections again, on the same port. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Stands between a client and a server on this machine, so that a test can take the server away.
 *
 * @param onAnswer gets what the server sends, as it comes
 */
export async function createTcpProxy(
  targetPort: number,
  onAnswer: (bytes: Buffer) => void = () => {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((client) => {
    const target = track(connect(targetPort, '127.0.0.1')).on('data', onAnswer);
    track(client).pipe(target).pipe(client);
    client.once('close', () => target.destroy());
    target.once('close', () => client.destroy());
  });

  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  const port = await listen(0);
  return {
    port,
    stifle() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut,
    async restore() {
      if (!server.listening) await listen(port);
    },
    close: cut,
  };
}

/** The same address through a proxy. */
export function throughProxy(url: string, { port }: Pick<TcpProxy, 'port'>): string {
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  return through.href;
}
