import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { queueOwnerSms } from '../alerts/queue-owner-sms';
import type { createPasscodes } from '../permits/passcodes';
import type { Database, Queryable } from '../platform/database';
import { LockedOut, Refusal } from '../platform/errors';
import { statement } from '../platform/statement';
import { addressGroup } from '../text/address-group';
import { isNationalId } from '../text/identifiers';
import { normaliseNumber } from '../text/normalise';
import { singleLineText } from '../text/plain-text';
import { type InquirerNoticeView, readInquirerNoticeView } from './inquirer-notice-view';
import { createLockOut } from './lock-out';
import type { createPasses } from './passes';
import { type InquiryAttempt, recordInquiryAttempt } from './record-inquiry-attempt';

/** One inquiry, as the government body typed or sent it. */
export interface Inquiry {
  nationalId: string;
  passcode: string;
  /** The name of the government body, as the owner sees it. */
  bodyName: string;
  /** The network address the inquiry comes from. */
  address: string;
  /** The channel to record: `panel`, or `source:CODE`. */
  actor: string;
}

export interface InquiryDependencies {
  db: Database;
  passcodes: ReturnType<typeof createPasscodes>;
  passes: ReturnType<typeof createPasses>;
  ownerSms: { suffix: string } | null;
  refusalMs: number;
}

const MAX_BODY_NAME_CHARACTERS = 200;
const bodyNameSchema = singleLineText(MAX_BODY_NAME_CHARACTERS);

/** Bounds the work of hashing and recording; correct values are shorter. */
const MAX_PASSCODE_CHARACTERS = 64;
const MAX_ADDRESS_CHARACTERS = 64;

/** A permit that has this passcode, whether it holds or not. */
interface MatchedPermit {
  id: string;
  noticeId: string;
  sourceId: number;
  holds: boolean;
  firstInquiry: boolean;
}

type InquiryResult = { notice: InquirerNoticeView } | { refusal: Refusal };

/** @throws Refusal as `createInquiries` promises */
export async function answerInquiry(
  deps: InquiryDependencies,
  inquiry: Inquiry,
): Promise<InquirerNoticeView> {
  const startedAt = performance.now();
  const attempt = parseInquiry(inquiry);
  const passcode = normaliseNumber(inquiry.passcode);
  // Text that cannot be a passcode is hashed and looked up all the same, so that its refusal looks like any other.
  const hashes = deps.passcodes.hashes(attempt.nationalId ?? '', passcode.slice(0, MAX_PASSCODE_CHARACTERS));
  const result = await deps.db.transaction((trx) => answerOrRefuse(deps, trx, attempt, hashes));
  if ('notice' in result) return result.notice;
  await delay(msUntilWholePeriod(deps.refusalMs, performance.now() - startedAt));
  throw result.refusal;
}

/** Returns the milliseconds until a whole number of periods has passed. */
const msUntilWholePeriod = (periodMs: number, elapsedMs: number): number =>
  periodMs > 0 ? periodMs - (elapsedMs % periodMs) : 0;

function parseInquiry({ nationalId, bodyName, address, actor }: Inquiry): InquiryAttempt {
  const name = bodyNameSchema.safeParse(bodyName.trim());
  if (!name.success) {
    throw new Refusal('invalid_request', "The body's name is missing.", [
      { path: 'bodyName', message: 'must be a name of up to 200 characters' },
    ]);
  }
  const id = normaliseNumber(nationalId);
  return {
    inquiryId: uuidv7(),
    nationalId: isNationalId(id) ? id : null,
    bodyName: name.data,
    address: address.slice(0, MAX_ADDRESS_CHARACTERS),
    addressGroup: addressGroup(address),
    actor,
  };
}

/**
 * Handles attempts for one national ID, and attempts from one address, one after the other: otherwise many parallel attempts
 * would all be looked up before the first of them counts.
 */
async function answerOrRefuse(
  { passes, ownerSms }: InquiryDependencies,
  trx: Queryable,
  attempt: InquiryAttempt,
  hashes: Buffer[],
): Promise<InquiryResult> {
  const lockOut = createLockOut(trx);
  await lockOut.serialiseAttempts(attempt);
  const status = await lockOut.status(attempt);
  const permit = await findPermit(trx, attempt.nationalId, hashes);
  if (status.lockedForSeconds > 0) {
    await recordInquiryAttempt(trx, attempt, 'locked_out', null);
    const message = 'There were too many wrong tries; try again later.';
    return { refusal: new LockedOut(message, status.lockedForSeconds) };
  }
  if (!permit?.holds) {
    await recordInquiryAttempt(trx, attempt, 'no_permit', permit);
    await lockOut.countWrongAttempt(attempt, status);
    return { refusal: new Refusal('no_permit', 'There is no permit for this national ID and passcode.') };
  }
  await recordInquiryAttempt(trx, attempt, 'answered', permit);
  if (permit.firstInquiry) await markInquired(trx, permit.id);
  if (permit.firstInquiry && ownerSms) await queueOwnerSms(trx, permit.id, ownerSms.suffix);
  const notice = await readInquirerNoticeView(trx, permit.id);
  return { notice: { ...notice, pass: passes.sign(attempt.inquiryId) } };
}

/**
 * Finds the permit of a passcode and locks its row until the attempt is committed: a revocation comes before the answer or after
 * it, never in between. Two permits match when the same passcode was drawn under each of two secret keys, and one of them may be
 * over.
 */
async function findPermit(
  trx: Queryable,
  nationalId: string | null,
  hashes: Buffer[],
): Promise<MatchedPermit | null> {
  const [permit] = await trx.query(FIND_PERMIT, { nationalId: nationalId ?? '', hashes });
  return permit ?? null;
}

async function markInquired(trx: Queryable, permitId: string): Promise<void> {
  await trx.query('UPDATE permits SET first_inquired_at = now() WHERE id = $1', [permitId]);
}

const FIND_PERMIT = statement<MatchedPermit>(
  'find-permit-by-passcode',
  `SELECT p.id, p.notice_id AS "noticeId", p.source_id AS "sourceId", p.first_inquired_at IS NULL AS "firstInquiry",
          p.state = 'active' AND p.expires_at > now() AS holds
     FROM employers e JOIN permits p ON p.employer_id = e.id
    WHERE e.national_id = :nationalId AND p.passcode_hash = ANY(:hashes::bytea[])
    ORDER BY holds DESC LIMIT 1 FOR NO KEY UPDATE OF p`,
  { id: 'int8', noticeId: 'uuid', sourceId: 'int4', firstInquiry: 'bool', holds: 'bool' },
);
