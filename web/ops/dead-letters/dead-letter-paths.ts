import type { DeadAlertGroup } from '../../../core/operator-console/audit-subjects';

export const DEAD_LETTERS_PATH = '/ops/dead-letters';

export const groupPath = ({ channel, state, cause }: DeadAlertGroup): string =>
  `${DEAD_LETTERS_PATH}/alerts/${channel}/${state}/${encodeURIComponent(cause)}`;

export const refusalsPath = (code: string): string =>
  `${DEAD_LETTERS_PATH}/refusals/${encodeURIComponent(code)}`;

export const CALLBACKS_PATH = `${DEAD_LETTERS_PATH}/callbacks`;
