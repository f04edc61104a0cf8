/** Returns milliseconds since the epoch, finer than `Date.now` and comparable between the processes of one machine. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();
