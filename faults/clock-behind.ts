import type { Fault } from './rig/fault';
import { runWithWrongClock } from './rig/wrong-clock';

export const clockBehind: Fault = {
  name: 'clock-behind',
  description: 'a second host works along whose clock is five minutes behind',
  inject: (system) => runWithWrongClock(system, -300),
};
