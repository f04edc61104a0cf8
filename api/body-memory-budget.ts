import { Transform } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Unavailable } from '../core/platform/errors';

/** The memory that one request holds of the budget. */
export interface Reservation {
  /** Reserves so many bytes more. Returns false, and changes nothing, when the budget has no room for them. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
  /** Releases everything. */
  releaseAll(): void;
}

/**
 * The bytes of all bodies of a process together. Reading a body costs some two and a half times its size, so a process stays below
 * 768 MB.
 */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
/** The bytes of each request that are not counted, so that notices without files are always read. */
const UNCOUNTED_BYTES = 64 * 1024;

/** Creates the budget that bounds the memory of request bodies, however many arrive at once. */
export function createBodyMemoryBudget(maxHeldBytes = MAX_HELD_BYTES) {
  let held = 0;
  return {
    openReservation(): Reservation {
      let own = 0;
      const countedBytes = (bytes: number) => Math.max(0, bytes - UNCOUNTED_BYTES);
      const change = (bytes: number): void => {
        held += countedBytes(bytes) - countedBytes(own);
        own = bytes;
      };
      return {
        reserve(bytes) {
          const more = countedBytes(own + bytes) - countedBytes(own);
          if (more > 0 && held + more > maxHeldBytes) return false;
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
 * Refuses large bodies while the budget has no room for them; a body with a declared length is refused before a byte of it is read.
 *
 * @throws Unavailable `memory`
 */
export function limitBodyMemory(app: FastifyInstance, budget: BodyMemoryBudget): void {
  app.addHook('preParsing', async (request, reply, payload) => {
    const declaredBytes = Number(request.headers['content-length'] ?? Number.NaN);
    if (request.routeOptions.bodyLimit <= UNCOUNTED_BYTES || declaredBytes <= UNCOUNTED_BYTES) return payload;
    const reservation = budget.openReservation();
    reply.raw.once('close', reservation.releaseAll);
    if (Number.isNaN(declaredBytes)) return payload.pipe(countChunks(reservation));
    // A body beyond the route's limit is left to Fastify, which refuses it as too large.
    if (declaredBytes <= request.routeOptions.bodyLimit && !reservation.reserve(declaredBytes))
      throw new Unavailable('memory');
    return payload;
  });
}

/** Counts the chunks of a body without a declared length, and breaks it off once the budget is exhausted. */
const countChunks = (reservation: Reservation): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (reservation.reserve(chunk.length)) done(null, chunk);
      else done(new Unavailable('memory'));
    },
  });
