import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The direction of bytes, as the client sees it. */
export type Direction = 'upstream' | 'downstream' | 'both';

/** A TCP proxy whose connections can be broken, refused, rerouted and silenced. */
export interface TcpProxy {
  readonly port: number;
  /** Returns the address of a service as reached through the proxy. */
  proxied(url: string): string;
  /** Breaks every connection; new ones go to these ports in turn, and to the next port where none listens. */
  routeTo(...ports: number[]): void;
  /** Refuses new connections and breaks the existing ones. */
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
  /** Drops all bytes of a direction from now on; no endpoint is informed. @returns a promise of the first drop */
  blackhole(direction: Direction): Promise<void>;
  /** Lets bytes through again. Connections that lost bytes are broken: no network delivers a stream with gaps. */
  passThrough(): void;
}

/** @param host the address to listen on; clients in another network need one that they can reach */
export async function createTcpProxy(targets: number[], host = '127.0.0.1'): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const damaged = new Set<Socket>();
  let ports = targets;
  let next = 0;
  let dropped: Direction | undefined;
  let onFirstDrop = () => {};

  const forward = (from: Socket, to: Socket, direction: Direction) => {
    from.on('data', (chunk: Buffer) => {
      if (dropped === direction || dropped === 'both') {
        damaged.add(from).add(to);
        onFirstDrop();
      } else if (!damaged.has(from) && !to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    // While bytes are dropped, the other side does not learn of the end either.
    from.once('end', () => {
      if (!dropped) to.end();
    });
    from.once('close', () => {
      if (dropped) damaged.add(to);
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

  const connectToTarget = (client: Socket, attemptsLeft: number): void => {
    next += 1;
    const target = connect(ports[next % ports.length] as number, '127.0.0.1');
    const onRefused = () => (attemptsLeft > 1 ? connectToTarget(client, attemptsLeft - 1) : client.destroy());
    target.once('error', onRefused);
    target.once('connect', () => {
      target.off('error', onRefused);
      if (client.destroyed) return target.destroy();
      forward(client, track(target), 'upstream');
      forward(target, client, 'downstream');
      return client.resume();
    });
  };

  const server = createServer({ pauseOnConnect: true }, (client) =>
    connectToTarget(track(client), ports.length),
  );
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
    routeTo(...newPorts) {
      ports = newPorts;
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
      dropped = direction;
      return new Promise<void>((resolve) => {
        onFirstDrop = resolve;
      });
    },
    passThrough() {
      dropped = undefined;
      for (const socket of damaged) socket.destroy();
    },
  };
}
