import { Transform } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Unavailable } from '../core/platform/errors';

/** What one request holds of the bodies in memory. */
export interface BodyAccount {
  /** Takes room for so many bytes more. Returns whether there was room; if not, nothing changed. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
  /** Gives everything back. */
  close(): void;
}

/**
 * All bodies of a process together. Reading one costs some two and a half times its size, so a process stays
 * below 768 MB.
 */
const MOST = 128 * 1024 * 1024;
/** What every request may hold without being counted, so that notices without files get through in any case. */
const FREE = 64 * 1024;

/** Room in memory for request bodies, however many come at once. */
export function createBodyRoom(most = MOST) {
  let held = 0;
  return {
    open(): BodyAccount {
      let own = 0;
      const beyondFree = (bytes: number) => Math.max(0, bytes - FREE);
      const change = (bytes: number): void => {
        held += beyondFree(bytes) - beyondFree(own);
        own = bytes;
      };
      return {
        take(bytes) {
          const more = beyondFree(own + bytes) - beyondFree(own);
          if (more > 0 && held + more > most) return false;
          change(own + bytes);
          return true;
        },
        giveBack: (bytes) => change(Math.max(0, own - bytes)),
        close: () => change(0),
      };
    },
  };
}

export type BodyRoom = ReturnType<typeof createBodyRoom>;

/**
 * Refuses large bodies while there is no room for them, before a byte of them is read where their size is told.
 *
 * @throws Unavailable `memory`
 */
export function boundBodies(app: FastifyInstance, room: BodyRoom): void {
  app.addHook('preParsing', async (request, reply, payload) => {
    const told = Number(request.headers['content-length'] ?? Number.NaN);
    if (request.routeOptions.bodyLimit <= FREE || told <= FREE) return payload;
    const account = room.open();
    reply.raw.once('close', account.close);
    if (Number.isNaN(told)) return payload.pipe(counted(account));
    // What is longer than the route takes is refused for that.
    if (told <= request.routeOptions.bodyLimit && !account.take(told)) throw new Unavailable('memory');
    return payload;
  });
}

/** Of a body in chunks nobody knows how long it will be. */
const counted = (account: BodyAccount): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (account.take(chunk.length)) done(null, chunk);
      else done(new Unavailable('memory'));
    },
  });
