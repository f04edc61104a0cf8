import type { Fault } from './rig/fault';
import { hostWithWrongClock } from './rig/wrong-clock';

export const clockBehind: Fault = {
  name: 'clock-behind',
  what: 'a second host works along whose clock is five minutes behind',
  strike: (system) => hostWithWrongClock(system, -300),
};
