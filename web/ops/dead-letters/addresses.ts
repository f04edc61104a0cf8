import type { DeadGroup } from '../../../core/desk/subjects';

export const DEAD_LETTERS = '/ops/dead-letters';

export const groupAddress = ({ channel, state, cause }: DeadGroup): string =>
  `${DEAD_LETTERS}/alerts/${channel}/${state}/${encodeURIComponent(cause)}`;

export const refusalsAddress = (code: string): string =>
  `${DEAD_LETTERS}/refusals/${encodeURIComponent(code)}`;

export const CALLBACKS_ADDRESS = `${DEAD_LETTERS}/callbacks`;
