const TestSequencer = require('@jest/test-sequencer').default;

/** Rooms whose tests start whole systems or browsers, the slowest first. */
const SLOW_ROOMS = [
  '/tests/faults/',
  '/tests/core/restore/',
  '/tests/web/browser/',
  '/tests/workers/',
  '/tests/security/',
];

const rankOf = ({ path }) => {
  const rank = SLOW_ROOMS.findIndex((room) => path.includes(room));
  return rank === -1 ? SLOW_ROOMS.length : rank;
};

/**
 * Starts the slow files first, so that short ones fill the time at the end of a run, when some workers have nothing left.
 * Where a run was timed before, jest's own order does that better; on a new machine it knows only the size of files.
 */
module.exports = class SlowFirstSequencer extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return sorted.some(({ duration }) => duration) ? sorted : sorted.sort((a, b) => rankOf(a) - rankOf(b));
  }
};
