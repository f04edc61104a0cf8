import { Refusal } from '../platform/errors';
import type { IntakeAnswer } from './acceptor';

/** What an answer counts as in the metrics. */
export function intakeOutcome(answer: IntakeAnswer): 'accepted' | 'duplicate' | 'refused' {
  if (answer instanceof Refusal) return 'refused';
  return answer.duplicate ? 'duplicate' : 'accepted';
}
