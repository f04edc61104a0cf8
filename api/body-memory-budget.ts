import { Transform } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Unavailable } from '../core/platform/errors';

/** What one request holds of the bodies in memory. */
export interface Reservation {
  /** Takes room for so many bytes more. Returns whether there was room; if not, nothing changed. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
  /** Gives everything back. */
  releaseAll(): void;
}

/**
 * All bodies of a process together. Reading one costs some two and a half times its size, so a process stays
 * below 768 MB.
 */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
/** What every request may hold without being counted, so that notices without files get through in any case. */
const UNCOUNTED_BYTES = 64 * 1024;

/** Room in memory for request bodies, however many come at once. */
export function createBodyMemoryBudget(most = MAX_HELD_BYTES) {
  let held = 0;
  return {
    openReservation(): Reservation {
      let own = 0;
      const beyondFree = (bytes: number) => Math.max(0, bytes - UNCOUNTED_BYTES);
      const change = (bytes: number): void => {
        held += beyondFree(bytes) - beyondFree(own);
        own = bytes;
      };
      return {
        reserve(bytes) {
          const more = beyondFree(own + bytes) - beyondFree(own);
          if (more > 0 && held + more > most) return false;
          change(own + bytes);
          return true;
        },
        release: (bytes) => change(Math.max(0, own - bytes)),
        releaseAll: () => change(0),
      };
    },
  };
}

export type BodyMemoryBudget = ReturnType<typeof createBodyMemoryBudget>;

/**
 * Refuses large bodies while there is no room for them, before a byte of them is read where their size is told.
 *
 * @throws Unavailable `memory`
 */
export function limitBodyMemory(app: FastifyInstance, room: BodyMemoryBudget): void {
  app.addHook('preParsing', async (request, reply, payload) => {
    const told = Number(request.headers['content-length'] ?? Number.NaN);
    if (request.routeOptions.bodyLimit <= UNCOUNTED_BYTES || told <= UNCOUNTED_BYTES) return payload;
    const account = room.openReservation();
    reply.raw.once('close', account.releaseAll);
    if (Number.isNaN(told)) return payload.pipe(countChunks(account));
    // What is longer than the route takes is refused for that.
    if (told <= request.routeOptions.bodyLimit && !account.reserve(told)) throw new Unavailable('memory');
    return payload;
  });
}

/** Of a body in chunks nobody knows how long it will be. */
const countChunks = (account: Reservation): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (account.reserve(chunk.length)) done(null, chunk);
      else done(new Unavailable('memory'));
    },
  });
