import { Unavailable } from '../platform/errors';
import { currentTraceContext, type TraceContext } from '../platform/tracing';
import { type AcceptDependencies, acceptNotices, type IntakeAnswer, type Submission } from './accept-notices';

export interface Acceptor {
  /**
   * Accepts or refuses each submission, as `acceptNotices` does. The answers are committed when they are returned.
   *
   * @returns an answer per submission, in their order
   * @throws Unavailable, or any other error of the group that held these submissions
   */
  accept(submissions: Submission[]): Promise<IntakeAnswer[]>;
}

const MAX_GROUP_NOTICES = 500;
const MAX_GROUP_ATTACHMENT_BYTES = 8 * 1024 * 1024;

interface PendingCall {
  submissions: Submission[];
  attachmentBytes: number;
  origin: TraceContext;
  resolve(answers: IntakeAnswer[]): void;
  reject(error: unknown): void;
}

/**
 * Creates a group commit for notices that come one by one. Calls that arrive while a group is being written wait, and all waiting
 * calls go together into the next transaction: at most 500 notices or 8 MB of attachments, and always at least one call. There is
 * no timer, so a call on an idle system never waits.
 */
export function createAcceptor(deps: AcceptDependencies): Acceptor {
  const queue: PendingCall[] = [];
  let running = false;

  /** Repeats a failed group call by call: one notice that cannot be written must not fail the notices beside it. */
  const failOrSplit = async (group: PendingCall[], error: unknown): Promise<void> => {
    if (group.length === 1 || error instanceof Unavailable) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { submissions, origin, resolve, reject } of group) {
      await acceptNotices(deps, submissions, [origin]).then(resolve, reject);
    }
  };

  const run = async (group: PendingCall[]): Promise<void> => {
    try {
      const answers = await acceptNotices(
        deps,
        group.flatMap(({ submissions }) => submissions),
        group.map(({ origin }) => origin),
      );
      let from = 0;
      for (const { submissions, resolve } of group) {
        resolve(answers.slice(from, from + submissions.length));
        from += submissions.length;
      }
    } catch (error) {
      await failOrSplit(group, error);
    } finally {
      running = false;
      start();
    }
  };

  const start = (): void => {
    if (running || queue.length === 0) return;
    running = true;
    void run(nextGroup(queue));
  };

  return {
    accept: (submissions) =>
      new Promise((resolve, reject) => {
        const attachmentBytes = submissions.reduce(
          (sum, { input }) => sum + estimateAttachmentBytes(input),
          0,
        );
        queue.push({ submissions, attachmentBytes, origin: currentTraceContext(), resolve, reject });
        start();
      }),
  };
}

/** Takes the calls that have waited longest out of the queue, as many as one transaction should hold. */
function nextGroup(queue: PendingCall[]): PendingCall[] {
  let notices = 0;
  let bytes = 0;
  const tooMuch = queue.findIndex(({ submissions, attachmentBytes }) => {
    notices += submissions.length;
    bytes += attachmentBytes;
    return notices > MAX_GROUP_NOTICES || bytes > MAX_GROUP_ATTACHMENT_BYTES;
  });
  return queue.splice(0, tooMuch === -1 ? queue.length : Math.max(1, tooMuch));
}

/** Estimates the bytes of an unparsed notice's attachments: base64 writes 3 bytes as 4 characters. */
function estimateAttachmentBytes(input: unknown): number {
  const { attachments } = (input ?? {}) as { attachments?: unknown };
  if (!Array.isArray(attachments)) return 0;
  return attachments.reduce((sum: number, attachment: { content?: unknown } | null) => {
    const content = attachment?.content;
    return sum + (typeof content === 'string' ? content.length * 0.75 : 0);
  }, 0);
}
