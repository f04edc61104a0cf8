import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { queueOwnerSms } from '../alerts/queue-owner-sms';
import type { createPasscodes } from '../permits/passcodes';
import type { Database, Queryable } from '../platform/database';
import { LockedOut, Refusal } from '../platform/errors';
import { addressGroup } from '../text/address-group';
import { isNationalId } from '../text/identifiers';
import { normaliseNumber } from '../text/normalise';
import { singleLineText } from '../text/plain-text';
import { type InquirerNoticeView, readInquirerNoticeView } from './inquirer-notice-view';
import { createLockOut } from './lock-out';
import type { createPasses } from './passes';
import { type InquiryAttempt, recordInquiryAttempt } from './record-inquiry-attempt';

/** One try, as it was typed or sent. */
export interface Inquiry {
  nationalId: string;
  passcode: string;
  /** Who asks, as it is shown to the owner. */
  bodyName: string;
  /** The network address it comes from. */
  address: string;
  /** The door, for the record: `panel`, or `source:CODE`. */
  actor: string;
}

export interface InquiryDependencies {
  db: Database;
  passcodes: ReturnType<typeof createPasscodes>;
  passes: ReturnType<typeof createPasses>;
  ownerSms: { suffix: string } | null;
  refusalMs: number;
}

/** The longest name of a government body. */
const bodyNameSchema = singleLineText(200);

/** A permit the passcode is of, whether it holds or not. */
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
  const began = performance.now();
  const wanted = parseInquiry(inquiry);
  const passcode = normaliseNumber(inquiry.passcode);
  // What is no passcode is looked up like one, so that it is refused in the same way.
  const hashes = deps.passcodes.hashes(wanted.nationalId ?? '', passcode.slice(0, 64));
  const outcome = await deps.db.transaction((trx) => answerOrRefuse(deps, trx, wanted, hashes));
  if ('notice' in outcome) return outcome.notice;
  await delay(msUntilWholePeriod(deps.refusalMs, performance.now() - began));
  throw outcome.refusal;
}

/** Milliseconds until a whole number of `period`s have gone by. */
const msUntilWholePeriod = (period: number, elapsed: number): number =>
  period > 0 ? period - (elapsed % period) : 0;

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
    address: address.slice(0, 64),
    addressGroup: addressGroup(address),
    actor,
  };
}

/**
 * Tries for one national ID, and tries from one address, are decided one after the other: otherwise many at
 * once would all be looked up before the first of them counts.
 */
async function answerOrRefuse(
  { passes, ownerSms }: InquiryDependencies,
  trx: Queryable,
  wanted: InquiryAttempt,
  hashes: Buffer[],
): Promise<InquiryResult> {
  const lockOut = createLockOut(trx);
  await lockOut.serialiseAttempts(wanted);
  const standing = await lockOut.status(wanted);
  const found = await findPermit(trx, wanted.nationalId, hashes);
  if (standing.lockedFor > 0) {
    await recordInquiryAttempt(trx, wanted, 'locked_out', null);
    const message = 'There were too many wrong tries; try again later.';
    return { refusal: new LockedOut(message, standing.lockedFor) };
  }
  if (!found?.holds) {
    await recordInquiryAttempt(trx, wanted, 'no_permit', found);
    await lockOut.countWrongAttempt(wanted, standing);
    return { refusal: new Refusal('no_permit', 'There is no permit for this national ID and passcode.') };
  }
  await recordInquiryAttempt(trx, wanted, 'answered', found);
  if (found.firstInquiry) await markInquired(trx, found.id);
  if (found.firstInquiry && ownerSms) await queueOwnerSms(trx, found.id, ownerSms.suffix);
  const notice = await readInquirerNoticeView(trx, found.id);
  return { notice: { ...notice, pass: passes.sign(wanted.inquiryId) } };
}

/**
 * Holds the permit until the try is committed: it is revoked before the answer, or after it, never meanwhile. A
 * passcode that was drawn with each of two secret keys is of two permits, and one of them may be over.
 */
async function findPermit(
  trx: Queryable,
  nationalId: string | null,
  hashes: Buffer[],
): Promise<MatchedPermit | null> {
  const [found] = await trx.query<MatchedPermit & Record<string, unknown>>(
    `SELECT p.id, p.notice_id AS "noticeId", p.source_id AS "sourceId", p.first_inquired_at IS NULL AS "firstInquiry",
            p.state = 'active' AND p.expires_at > now() AS holds
       FROM employers e JOIN permits p ON p.employer_id = e.id
      WHERE e.national_id = $1 AND p.passcode_hash = ANY($2::bytea[])
      ORDER BY holds DESC LIMIT 1 FOR NO KEY UPDATE OF p`,
    [nationalId ?? '', hashes],
  );
  return found ?? null;
}

async function markInquired(trx: Queryable, permitId: string): Promise<void> {
  await trx.query('UPDATE permits SET first_inquired_at = now() WHERE id = $1', [permitId]);
}
