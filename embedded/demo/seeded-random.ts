/** A random generator with a fixed seed: every demo looks alike, and tests can rely on it. */
export interface SeededRandom {
  /** A number from 0 to below 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(options: readonly T[]): T;
  /** One of the options, each as often as its weight demands. */
  pickWeighted<T>(options: readonly (readonly [weight: number, option: T])[]): T;
  bytes(count: number): Uint8Array;
}

/** The generator is mulberry32: small, and even enough for this. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: <T>(options: readonly T[]) => options[integer(0, options.length - 1)] as T,
    pickWeighted<T>(options: readonly (readonly [number, T])[]) {
      let left = next() * options.reduce((sum, [weight]) => sum + weight, 0);
      const found = options.find(([weight]) => {
        left -= weight;
        return left < 0;
      });
      return (found ?? (options[0] as readonly [number, T]))[1];
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => integer(0, 255)),
  };
}
