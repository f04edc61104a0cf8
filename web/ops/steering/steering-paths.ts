export const STEERING_PATH = '/ops/steering';

/** Stands in place of a lane and means all lanes of the channel. */
export const ALL_LANES = 'all';

export const linePath = (name: string, action: 'open' | 'rate'): string =>
  `${STEERING_PATH}/lines/${encodeURIComponent(name)}/${action}`;

export const lanePath = (channel: string, lane: string, action: 'pause' | 'resume'): string =>
  `${STEERING_PATH}/lanes/${channel}/${lane}/${action}`;

export const sourcePath = (code: string): string =>
  `${STEERING_PATH}/sources/${encodeURIComponent(code)}/cancel`;
