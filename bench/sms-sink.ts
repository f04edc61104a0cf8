import { createKavenegarSimulator } from '../embedded/simulators/kavenegar';

/** The simulator of Kavenegar in a process of its own; tells its parent how many messages it has, on request. */
const simulator = createKavenegarSimulator({ apiKey: 'bench', credit: Number.MAX_SAFE_INTEGER });

process.on('message', (question: { waitFor: number }) => {
  const answer = () => {
    if (simulator.count() < question.waitFor) setTimeout(answer, 5);
    else process.send?.({ count: simulator.count(), at: Date.now() });
  };
  answer();
});
process.on('disconnect', () => process.exit(0));

simulator.listen().then((url) => process.send?.({ url }));
