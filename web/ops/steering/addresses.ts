export const STEERING = '/ops/steering';

/** In the place of a lane: each of them. */
export const ALL_LANES = 'all';

export const lineAddress = (name: string, action: 'open' | 'rate'): string =>
  `${STEERING}/lines/${encodeURIComponent(name)}/${action}`;

export const laneAddress = (channel: string, lane: string, action: 'pause' | 'resume'): string =>
  `${STEERING}/lanes/${channel}/${lane}/${action}`;

export const sourceAddress = (code: string): string =>
  `${STEERING}/sources/${encodeURIComponent(code)}/cancel`;
