import type { Fault } from './rig/fault';
import { hostWithWrongClock } from './rig/wrong-clock';

export const clockAhead: Fault = {
  name: 'clock-ahead',
  what: 'a second host works along whose clock is five minutes ahead',
  strike: (system) => hostWithWrongClock(system, 300),
};
