import type { Answer } from '../core/notices/acceptor';
import { Refusal } from '../core/platform/errors';

/** What an answer counts as in the metrics. */
export function outcomeOf(answer: Answer): 'accepted' | 'duplicate' | 'refused' {
  if (answer instanceof Refusal) return 'refused';
  return answer.duplicate ? 'duplicate' : 'accepted';
}
