/** 2024-01-01: keeps the numbers far below the largest safe integer. */
const EPOCH_MS = Date.UTC(2024, 0, 1);
/** More than can be accepted between two flushes of a journal. */
const LOST_IDS_MARGIN = 100_000;

/** Gives out message numbers: they only grow, and they never come twice, over restarts too. */
export interface IdSource {
  /** @param now milliseconds of the clock */
  next(now: number): number;
  /** Tells of a number an earlier process gave out; a few later ones may have been lost with it. */
  skipPast(id: number): void;
}

/** Simulators that share a source can be listed together by number. */
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
