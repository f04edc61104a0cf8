import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Which way bytes go. */
export type Direction = 'there' | 'back' | 'both';

/** A connection between two hosts that can be cut, mended, made to lead elsewhere, and made to swallow bytes. */
export interface TcpProxy {
  readonly port: number;
  /** The same address, through the wire. */
  proxied(url: string): string;
  /** Breaks every connection; new ones lead to these ports in turn, and to the next one where nobody listens. */
  routeTo(...ports: number[]): void;
  /** Refuses new connections and breaks those there are. */
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
  /** From now on bytes vanish on the way, and nobody is told. @returns when the first of them did */
  blackhole(direction: Direction): Promise<void>;
  /** Lets bytes through again. Connections that lost some are broken: no network gives out half of a stream. */
  passThrough(): void;
}

/** @param host where it listens; who is on another network needs an address of it */
export async function createTcpProxy(targets: number[], host = '127.0.0.1'): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const damaged = new Set<Socket>();
  let ports = targets;
  let turn = 0;
  let swallowing: Direction | undefined;
  let onFirst = () => {};

  const carry = (from: Socket, to: Socket, direction: Direction) => {
    from.on('data', (chunk: Buffer) => {
      if (swallowing === direction || swallowing === 'both') {
        damaged.add(from).add(to);
        onFirst();
      } else if (!damaged.has(from) && !to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    // What is being swallowed, the other side does not hear the end of either.
    from.once('end', () => {
      if (!swallowing) to.end();
    });
    from.once('close', () => {
      if (swallowing) damaged.add(to);
      else to.destroy();
    });
  };

  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      damaged.delete(socket);
    });
    return socket;
  };

  const reach = (client: Socket, left: number): void => {
    turn += 1;
    const target = connect(ports[turn % ports.length] as number, '127.0.0.1');
    const onRefused = () => (left > 1 ? reach(client, left - 1) : client.destroy());
    target.once('error', onRefused);
    target.once('connect', () => {
      target.off('error', onRefused);
      if (client.destroyed) return target.destroy();
      carry(client, track(target), 'there');
      carry(target, client, 'back');
      return client.resume();
    });
  };

  const server = createServer({ pauseOnConnect: true }, (client) => reach(track(client), ports.length));
  const listen = async (port: number): Promise<number> => {
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const port = await listen(0);

  return {
    port,
    proxied: (url) => Object.assign(new URL(url), { hostname: host, port: String(port) }).href,
    routeTo(...next) {
      ports = next;
      breakAll();
    },
    async disconnect() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      breakAll();
      await closed;
    },
    async reconnect() {
      if (!server.listening) await listen(port);
    },
    blackhole(direction) {
      swallowing = direction;
      return new Promise<void>((resolve) => {
        onFirst = resolve;
      });
    },
    passThrough() {
      swallowing = undefined;
      for (const socket of damaged) socket.destroy();
    },
  };
}
