import { Refusal } from '../platform/errors';
import type { Answer } from './acceptor';

/** What an answer counts as in the metrics. */
export function outcomeOf(answer: Answer): 'accepted' | 'duplicate' | 'refused' {
  if (answer instanceof Refusal) return 'refused';
  return answer.duplicate ? 'duplicate' : 'accepted';
}
