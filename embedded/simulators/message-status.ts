import type { DeliveryResult } from './magic-receivers';

/** The time for which the service knows a status. */
export const STATUS_TTL_MS = 48 * 3_600_000;

/** Ages at which a message changes its status, in milliseconds. */
export interface StatusDelays {
  carrierAfterMs: number;
  deliveredAfterMs: number;
  lateAfterMs: number;
}

const QUEUED = 1;
const WITH_CARRIER = 4;
const DELIVERED = 10;
const UNDELIVERED = 11;
const BLOCKED = 14;
const UNKNOWN = 100;

/** Computes the status of a message from its age, so that no message needs a timer. */
export function statusAt(fate: DeliveryResult, age: number, delays: StatusDelays): number {
  if (fate === 'unknown' || age >= STATUS_TTL_MS) return UNKNOWN;
  if (fate === 'blocked') return BLOCKED;
  if (age >= finalAfterMs(fate, delays)) return fate === 'undelivered' ? UNDELIVERED : DELIVERED;
  return age < delays.carrierAfterMs ? QUEUED : WITH_CARRIER;
}

/** Returns the age at which the status is final; Infinity when it never is. */
export function finalAfterMs(fate: DeliveryResult, delays: StatusDelays): number {
  if (fate === 'blocked') return 0;
  if (fate === 'unknown') return Number.POSITIVE_INFINITY;
  return fate === 'late' ? delays.lateAfterMs : delays.deliveredAfterMs;
}
