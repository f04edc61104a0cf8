/** 2024-01-01: keeps the numbers far below the largest safe integer. */
const EPOCH_MS = Date.UTC(2024, 0, 1);
/** More ids than can be given out between two flushes of a journal. */
const LOST_IDS_MARGIN = 100_000;

/** Gives out message ids: they only grow and never repeat, also over restarts. */
export interface IdSource {
  /** @param now milliseconds of the clock */
  next(now: number): number;
  /** Skips an id that an earlier process gave out, and some more: the process may have lost its last ones. */
  skipPast(id: number): void;
}

/** Makes a source of ids. Messages of simulators that share one can be listed together by id. */
export function createIdSource(): IdSource {
  let last = 0;
  return {
    next(now) {
      last = Math.max(last + 1, now - EPOCH_MS);
      return last;
    },
    skipPast(id) {
      last = Math.max(last, id + LOST_IDS_MARGIN);
    },
  };
}
