import { createSmtpSimulator } from '../embedded/simulators/smtp-simulator';
import { answerParent } from './answer-parent';

/** A mail server in a process of its own. It reads every message and stores none. */
const simulator = createSmtpSimulator({ storeMessages: false });

simulator.listen().then((url) => answerParent(url, simulator.count));
