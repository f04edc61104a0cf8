import type { Fault } from './rig/fault';
import { runWithWrongClock } from './rig/wrong-clock';

export const clockAhead: Fault = {
  name: 'clock-ahead',
  description: 'a second host works along whose clock is five minutes ahead',
  inject: (system) => runWithWrongClock(system, 300),
};
