import type { SimulatedCall } from '../../embedded/simulators/kavenegar-simulator';

/** Whether a call brings messages, unlike a query. */
export const isSend = ({ messages }: SimulatedCall): boolean => messages.length > 0;
