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

/** One notice at a door, as the caller wrote it. */
export interface Submission {
  door: Door;
  source: { id: number; code: string };
  keyId: string;
  /** The JSON value, or the refusal of a door that could not even read one. */
  input: unknown | Refusal;
}

export interface AcceptDependencies {
  db: Database;
  attachments: AttachmentStore;
  wording: SmsWording;
  alertTtlHours: number;
  /** Called after a commit that left work in the outbox. */
  kick?: () => void;
  /** Called after a commit, for each lane with the number of notices that were accepted. */
  countAccepted?: (lane: Lane, count: number) => void;
  log?: Log;
}

type IntakeAnswer = Accepted | Refusal;
type Candidate = Submission & { parsed: ParsedNotice };

/**
 * The one way in, whatever the door. Each submission is accepted or refused on its own, and all of a set is
 * written in one transaction. When this returns, what it says is committed.
 *
 * A reference counts once per source system, for ever: the same content again gets the first answer again,
 * with `duplicate: true`; other content is the refusal `reference_conflict`.
 *
 * @param origins the traces of those who sent them
 * @returns an answer per submission, in their order
 * @throws Unavailable when PostgreSQL or the attachment store is away; then nothing was accepted, or, if the
 *   connection broke during the commit, sending the same again tells
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
  const answers = new Map<Submission, IntakeAnswer>();
  const candidates: Candidate[] = [];
  for (const submission of submissions) {
    const parsed = await parseSubmission(submission.input);
    if (parsed instanceof Refusal) answers.set(submission, parsed);
    else candidates.push(Object.assign(submission, { parsed }));
  }
  let undecided = candidates;
  // A second round is for references that another process, or an earlier line of this set, took meanwhile.
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

/** Answers what can be answered now; returns those whose reference somebody else took at the same time. */
async function acceptRound(
  deps: AcceptDependencies,
  candidates: Candidate[],
  answers: Map<Submission, IntakeAnswer>,
) {
  const standings = await createNotices(deps.db).lookUp(
    candidates.map(({ source, parsed }) => ({ sourceId: source.id, parsed })),
  );
  const fresh = new Map<Candidate, NewNotice>();
  const taken = new Set<string>();
  const later: Candidate[] = [];
  candidates.forEach((candidate, i) => {
    const verdict = classify(deps.wording, candidate, standings[i] as IntakeLookup);
    const key = `${candidate.source.id} ${candidate.parsed.reference}`;
    if (!('employerId' in verdict)) answers.set(candidate, verdict);
    else if (taken.has(key)) later.push(candidate);
    else {
      taken.add(key);
      fresh.set(candidate, verdict);
    }
  });
  if (fresh.size === 0) return later;

  const notices = [...fresh.values()];
  const files = notices.flatMap(({ parsed }) => parsed.attachments);
  await Promise.all(files.map(({ id, bytes }) => deps.attachments.put(id, bytes)));
  const acceptedAt = await createNotices(deps.db).insert(notices, deps.alertTtlHours);
  deps.kick?.();
  for (const [candidate, { id, trackingNumber }] of fresh) {
    const at = acceptedAt.get(id);
    if (at) answers.set(candidate, { ...acceptedAnswer(id, trackingNumber, at), duplicate: false });
    else later.push(candidate);
  }
  reportAccepted(
    deps,
    notices.filter(({ id }) => acceptedAt.has(id)),
  );
  return later;
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

/** What becomes of one notice: the first answer again, a refusal, or a new notice to write. */
function classify(
  wording: SmsWording,
  candidate: Candidate,
  standing: IntakeLookup,
): IntakeAnswer | NewNotice {
  const { parsed, source } = candidate;
  const { existing, employer } = standing;
  if (existing) {
    if (!existing.contentHash.equals(parsed.contentHash)) {
      return new Refusal('reference_conflict', 'This reference was accepted before, with other content.');
    }
    return { ...acceptedAnswer(existing.id, existing.trackingNumber, existing.acceptedAt), duplicate: true };
  }
  if (!employer) return new Refusal('unknown_employer', 'No employer has this national ID.');
  if (!standing.workshopKnown)
    return new Refusal('unknown_workshop', 'The employer has no workshop of this code.');
  if (!standing.agreed) {
    return new Refusal(
      'no_service_agreement',
      'The workshop has no agreement on electronic service: serve on paper.',
    );
  }
  const number = toTrackingNumber(standing.serial);
  try {
    return {
      id: newNoticeId(),
      source,
      parsed,
      employerId: employer.id,
      trackingNumber: number,
      smsText: composeSmsText(wording, parsed.smsText, employer.name, number),
      mobile: parsed.mobile ?? employer.mobile,
      email: parsed.email ?? employer.email,
    };
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

async function recordRefusals(
  db: Database,
  submissions: Submission[],
  answers: Map<Submission, IntakeAnswer>,
): Promise<void> {
  await createRefusals(db).record(
    submissions.flatMap((submission) => {
      const refusal = answers.get(submission);
      if (!(refusal instanceof Refusal)) return [];
      const { door, source, keyId, input } = submission;
      return [{ door, source, keyId, reference: recordableReference(input), refusal }];
    }),
  );
}

/** The reference of a notice that was refused, if it has one fit to be recorded. */
function recordableReference(input: unknown): string | null {
  const reference = (input as { reference?: unknown } | null)?.reference;
  if (typeof reference !== 'string' || !reference.isWellFormed() || reference.includes('\0')) return null;
  return reference.slice(0, 64);
}
