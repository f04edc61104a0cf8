import type { DeadState } from '../alerts/states';
import type { Channel } from '../platform/queues';

/** Dead alerts with the same state and cause: one action deals with all of them. */
export interface DeadAlertGroup {
  channel: Channel;
  state: DeadState;
  cause: string;
}

/** The subjects of actions, as the audit records them. Audit rows are kept for ever, so these texts never change. */
export const noticeSubject = (id: string): string => `notice:${id}`;
export const alertSubject = (id: string): string => `alert:${id}`;
export const groupSubject = ({ channel, state, cause }: DeadAlertGroup): string =>
  `dead-alerts:${channel}/${state}/${cause}`;
export const refusalsSubject = (code: string): string => `refusals:${code}`;
export const CALLBACKS_SUBJECT = 'callbacks';
export const sourceSubject = (code: string): string => `source:${code}`;
export const lineSubject = (name: string): string => `line:${name}`;
export const laneSubject = (channel: Channel, lane: string): string => `lane:${channel}/${lane}`;
