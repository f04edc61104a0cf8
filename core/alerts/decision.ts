import type { EventData, EventType } from '../events/events';
import type { AlertState } from './states';

/** The consequence of an attempt or of a delivery report for its alert. `settle` writes it down. */
export interface Decision {
  state: AlertState;
  /** The reason why an alert ended badly or hangs, in words an operator understands. */
  reason: string | null;
  event: { type: EventType; data: EventData } | null;
  /** Seconds until a worker takes the alert up again, and by which work; null when no worker will. */
  next: { seconds: number; work: 'send' | 'receipts' } | null;
}
