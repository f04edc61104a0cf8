import { createSmtpSimulator } from '../embedded/simulators/smtp-simulator';
import { answerParent } from './answer-parent';

/** A mail server in a process of its own, which reads every message and keeps none. */
const simulator = createSmtpSimulator({ storeMessages: false });

simulator.listen().then((url) => answerParent(url, simulator.count));
