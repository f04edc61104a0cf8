import type { AlertState } from '../alerts/states';
import type { Channel } from '../platform/queues';

/** Alerts that ended in the same way for the same cause: what belongs together is mended together. */
export interface DeadAlertGroup {
  channel: Channel;
  state: Extract<AlertState, 'failed' | 'unknown' | 'expired'>;
  cause: string;
}

/** What an action was about, as the record of the operators names it. */
export const noticeSubject = (id: string): string => `notice:${id}`;
export const alertSubject = (id: string): string => `alert:${id}`;
export const groupSubject = ({ channel, state, cause }: DeadAlertGroup): string =>
  `dead-alerts:${channel}/${state}/${cause}`;
export const refusalsSubject = (code: string): string => `refusals:${code}`;
export const CALLBACKS_SUBJECT = 'callbacks';
export const sourceSubject = (code: string): string => `source:${code}`;
export const lineSubject = (name: string): string => `line:${name}`;
export const laneSubject = (channel: Channel, lane: string): string => `lane:${channel}/${lane}`;
