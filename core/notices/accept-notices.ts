import type { Config } from '../platform/config';
import type { Database } from '../platform/database';
import { Refusal } from '../platform/errors';
import type { Log } from '../platform/log';
import { LANES, type Lane } from '../platform/queues';
import { currentTraceContext, inSpan, type Span, type TraceContext } from '../platform/tracing';
import { toTrackingNumber } from '../text/identifiers';
import type { AttachmentStore } from './attachment-store';
import type { Accepted } from './notice-schema';
import { createNotices, type IntakeLookup, type NewNotice, newNoticeId } from './notices';
import { type ParsedNotice, parseNotice } from './parse-notice';
import { createRefusals, type Door } from './refusals';
import { composeSmsText, type SmsWording } from './sms-text';

/** One notice at a door, as the source system wrote it. */
export interface Submission {
  door: Door;
  source: { id: number; code: string };
  keyId: string;
  /** The JSON value, or the refusal of a door that found no JSON value to read. */
  input: unknown | Refusal;
}

export interface AcceptDependencies {
  db: Database;
  attachments: AttachmentStore;
  wording: SmsWording;
  /** Hours during which the alerts of a notice are tried. */
  alertTtlHours: number;
  /** Called after a commit that left work in the outbox. */
  kick?: () => void;
  /** Called after a commit, for each lane with the number of notices that were accepted. */
  countAccepted?: (lane: Lane, count: number) => void;
  log?: Log;
}

/** Assembles what accepting needs: the caller's connections and hooks, and the settings of the environment. */
export const createAcceptDependencies = (
  config: Pick<Config, 'SMS_TEXT' | 'SMS_SUFFIX' | 'ALERT_TTL_HOURS'>,
  connections: Omit<AcceptDependencies, 'wording' | 'alertTtlHours'>,
): AcceptDependencies => ({
  ...connections,
  wording: { template: config.SMS_TEXT, suffix: config.SMS_SUFFIX },
  alertTtlHours: config.ALERT_TTL_HOURS,
});

/** The answer to one submission: the notice as it was accepted, or the reason it was refused. */
export type IntakeAnswer = Accepted | Refusal;

/** Gives the outcome an answer is counted under in the metrics. */
export function intakeOutcome(answer: IntakeAnswer): 'accepted' | 'duplicate' | 'refused' {
  if (answer instanceof Refusal) return 'refused';
  return answer.duplicate ? 'duplicate' : 'accepted';
}

type Candidate = Submission & { parsed: ParsedNotice };
type Answers = Map<Submission, IntakeAnswer>;

/**
 * Accepts or refuses each submission on its own, whatever its door. The accepted notices of a set are written in one
 * transaction. The answers are committed when they are returned.
 *
 * A reference counts once per source system, for ever: the same content again gets the first answer again, with
 * `duplicate: true`; other content is the refusal `reference_conflict`.
 *
 * @param origins the traces of the callers
 * @returns an answer per submission, in their order
 * @throws Unavailable when PostgreSQL or the attachment store is away. Notices of the set may have been accepted all the same,
 *   when the connection broke during the commit or before the refusals were recorded: sending the same set again gives their
 *   first answers
 */
export function acceptNotices(
  deps: AcceptDependencies,
  submissions: Submission[],
  origins: TraceContext[] = [currentTraceContext()],
): Promise<IntakeAnswer[]> {
  const accepting = async (span: Span) => {
    const answers = await accept(deps, submissions);
    if (span.isRecording()) span.setAttribute('ablagh.notice_ids', acceptedIds(answers));
    return answers;
  };
  return inSpan('accept notices', { 'ablagh.notices': submissions.length }, accepting, { origins });
}

async function accept(deps: AcceptDependencies, submissions: Submission[]): Promise<IntakeAnswer[]> {
  const answers: Answers = new Map();
  const candidates: Candidate[] = [];
  for (const submission of submissions) {
    const parsed = await parseSubmission(submission.input);
    if (parsed instanceof Refusal) answers.set(submission, parsed);
    else candidates.push(Object.assign(submission, { parsed }));
  }
  let undecided = candidates;
  // A second round is for references that another process, or an earlier line of this set, took in the meantime.
  while (undecided.length > 0) {
    undecided = await acceptRound(deps, undecided, answers);
  }
  await recordRefusals(deps.db, submissions, answers);
  return submissions.map((submission) => answers.get(submission) as IntakeAnswer);
}

const acceptedIds = (answers: IntakeAnswer[]) =>
  answers.flatMap((answer) => ('id' in answer ? answer.id : []));

async function parseSubmission(input: unknown): Promise<ParsedNotice | Refusal> {
  if (input instanceof Refusal) return input;
  try {
    return await parseNotice(input);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** Answers the candidates that can be answered now, and returns those whose reference was taken at the same time. */
async function acceptRound(
  deps: AcceptDependencies,
  candidates: Candidate[],
  answers: Answers,
): Promise<Candidate[]> {
  const lookups = await createNotices(deps.db).lookUp(
    candidates.map(({ source, parsed }) => ({ sourceId: source.id, parsed })),
  );
  const fresh = new Map<Candidate, NewNotice>();
  const takenReferences = new Set<string>();
  const undecided: Candidate[] = [];
  candidates.forEach((candidate, i) => {
    const classified = classify(deps.wording, candidate, lookups[i] as IntakeLookup);
    const reference = `${candidate.source.id} ${candidate.parsed.reference}`;
    if (!('employerId' in classified)) answers.set(candidate, classified);
    else if (takenReferences.has(reference)) undecided.push(candidate);
    else {
      takenReferences.add(reference);
      fresh.set(candidate, classified);
    }
  });
  if (fresh.size === 0) return undecided;
  return [...undecided, ...(await write(deps, fresh, answers))];
}

/** Writes new notices with their attachments, and returns the candidates whose reference another process took first. */
async function write(
  deps: AcceptDependencies,
  fresh: Map<Candidate, NewNotice>,
  answers: Answers,
): Promise<Candidate[]> {
  const notices = [...fresh.values()];
  const files = notices.flatMap(({ parsed }) => parsed.attachments);
  await Promise.all(files.map(({ id, bytes }) => deps.attachments.put(id, bytes)));
  const acceptedAt = await createNotices(deps.db).insert(notices, deps.alertTtlHours);
  deps.kick?.();
  const tooLate: Candidate[] = [];
  for (const [candidate, { id, trackingNumber }] of fresh) {
    const at = acceptedAt.get(id);
    if (at) answers.set(candidate, { ...acceptedAnswer(id, trackingNumber, at), duplicate: false });
    else tooLate.push(candidate);
  }
  reportAccepted(
    deps,
    notices.filter(({ id }) => acceptedAt.has(id)),
  );
  return tooLate;
}

function reportAccepted({ countAccepted, log }: AcceptDependencies, written: NewNotice[]): void {
  for (const lane of LANES) {
    const count = written.filter(({ parsed }) => parsed.priority === lane).length;
    if (count > 0) countAccepted?.(lane, count);
  }
  if (!log?.isLevelEnabled('debug')) return;
  for (const { id, trackingNumber, source, parsed } of written)
    log.debug(
      { noticeId: id, trackingNumber, source: source.code, lane: parsed.priority },
      'notice accepted',
    );
}

const acceptedAnswer = (id: string, trackingNumber: string, at: Date) =>
  ({ id, trackingNumber, state: 'accepted', acceptedAt: at.toISOString() }) as const;

/** Classifies one notice: the first answer again, a refusal, or a new notice to write. */
function classify(
  wording: SmsWording,
  { parsed, source }: Candidate,
  lookup: IntakeLookup,
): IntakeAnswer | NewNotice {
  const { existing, employer } = lookup;
  if (existing) {
    if (!existing.contentHash.equals(parsed.contentHash)) {
      return new Refusal('reference_conflict', 'This reference was accepted before, with other content.');
    }
    return { ...acceptedAnswer(existing.id, existing.trackingNumber, existing.acceptedAt), duplicate: true };
  }
  if (!employer) return new Refusal('unknown_employer', 'No employer has this national ID.');
  if (!lookup.workshopKnown)
    return new Refusal('unknown_workshop', 'The employer has no workshop of this code.');
  if (!lookup.hasAgreement) {
    return new Refusal(
      'no_service_agreement',
      'The workshop has no agreement on electronic service: serve on paper.',
    );
  }
  const trackingNumber = toTrackingNumber(lookup.serial);
  try {
    return {
      id: newNoticeId(),
      source,
      parsed,
      employerId: employer.id,
      trackingNumber,
      smsText: composeSmsText(wording, parsed.smsText, employer.name, trackingNumber),
      mobile: parsed.mobile ?? employer.mobile,
      email: parsed.email ?? employer.email,
    };
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

async function recordRefusals(db: Database, submissions: Submission[], answers: Answers): Promise<void> {
  await createRefusals(db).record(
    submissions.flatMap((submission) => {
      const refusal = answers.get(submission);
      if (!(refusal instanceof Refusal)) return [];
      const { door, source, keyId, input } = submission;
      return [{ door, source, keyId, reference: recordableReference(input), refusal }];
    }),
  );
}

/** Gives the reference of a refused notice; null when the notice has none that a column of text can hold. */
function recordableReference(input: unknown): string | null {
  const reference = (input as { reference?: unknown } | null)?.reference;
  if (typeof reference !== 'string' || !reference.isWellFormed() || reference.includes('\0')) return null;
  return reference.slice(0, 64);
}
