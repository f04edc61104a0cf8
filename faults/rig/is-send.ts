import type { SimulatedCall } from '../../embedded/simulators/kavenegar-simulator';

/** Whether a call brings messages, and is no question. */
export const isSend = ({ messages }: SimulatedCall): boolean => messages.length > 0;
