import { createKavenegarSimulator, type OnCall } from '../embedded/simulators/kavenegar-simulator';
import { answerParent } from './answer-parent';
import { preciseNow } from './precise-now';

/** The simulator of Kavenegar in a process of its own. With NOTE_ARRIVALS it records the arrival of each tracking number. */
const TRACKING_NUMBER = /\d{12}/;
const arrivals: [string, number][] = [];

const noteArrivals: OnCall = ({ messages }) => {
  const at = preciseNow();
  for (const { text } of messages) arrivals.push([TRACKING_NUMBER.exec(text)?.[0] ?? '', at]);
  return 'pass';
};

const simulator = createKavenegarSimulator({
  apiKey: 'bench',
  credit: Number.MAX_SAFE_INTEGER,
  ...(process.env.NOTE_ARRIVALS && { onCall: noteArrivals }),
});

simulator.listen().then((url) => answerParent(url, simulator.count, () => arrivals));
