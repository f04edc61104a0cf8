import { Unavailable } from '../platform/errors';
import { currentTraceContext, type TraceContext } from '../platform/tracing';
import { type AcceptDependencies, acceptNotices, type Submission } from './accept-notices';

/** What becomes of one submission: taken in, or refused. */
export type IntakeAnswer = Awaited<ReturnType<typeof acceptNotices>>[number];

export interface Acceptor {
  /**
   * Accepts or refuses each submission, as `acceptNotices` does. When it returns, what it says is committed.
   *
   * @returns an answer per submission, in their order
   * @throws whatever the group threw that these submissions were in, Unavailable above all
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
 * Group commit for notices that come one by one. Whoever arrives while a group is being written waits, and
 * everybody who waits goes together into the next transaction: at most 500 notices or 8 MB of
 * attachments, and always at least one caller. There is no timer, so a caller on an idle system never waits.
 */
export function createAcceptor(deps: AcceptDependencies): Acceptor {
  const queue: PendingCall[] = [];
  let running = false;

  /** A group with a notice that breaks us: whichever it is, its neighbours must not suffer for it. */
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

/** Takes those who have waited longest out of the queue, as many as one transaction should carry. */
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

/** Roughly how many bytes the attachments of an input nobody has looked at yet will be: base64 is 4 for 3. */
function estimateAttachmentBytes(input: unknown): number {
  const { attachments } = (input ?? {}) as { attachments?: unknown };
  if (!Array.isArray(attachments)) return 0;
  return attachments.reduce((sum: number, attachment: { content?: unknown } | null) => {
    const content = attachment?.content;
    return sum + (typeof content === 'string' ? content.length * 0.75 : 0);
  }, 0);
}
