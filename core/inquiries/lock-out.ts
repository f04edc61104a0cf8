import { createHash } from 'node:crypto';
import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import type { InquiryAttempt } from './record-inquiry-attempt';

const MAX_WRONG_PER_NATIONAL_ID = 5;
const MAX_WRONG_PER_ADDRESS = 20;
/** Minutes in which wrong attempts are counted, and minutes of the first lock-out; each further lock-out takes twice as long. */
const WINDOW_MINUTES = 15;
const MAX_LOCK_OUT_MINUTES = 24 * 60;
/** Hours without a lock-out after which the next lock-out is as short as the first. */
const RESET_AFTER_HOURS = 24;
/** Separates these advisory locks from other advisory locks in the same database. */
const ADVISORY_LOCK_CLASS = 7_013_980;

type AttemptKeys = Pick<InquiryAttempt, 'nationalId' | 'addressGroup'>;

export interface LockStatus {
  /** Seconds until the lock-out is over; 0 without a lock-out. */
  lockedForSeconds: number;
  /** Wrong attempts for the national ID within the window. */
  wrongForNationalId: number;
  /** Wrong attempts from the address group within the window. */
  wrongFromAddress: number;
}

const addressSubject = (addressGroup: string): string => `address ${addressGroup}`;
const nationalIdSubject = (nationalId: string): string => `national ID ${nationalId}`;

const lockSubjects = ({ nationalId, addressGroup }: AttemptKeys): string[] => [
  addressSubject(addressGroup),
  ...(nationalId ? [nationalIdSubject(nationalId)] : []),
];

const advisoryLockKey = (subject: string): number =>
  createHash('sha256').update(subject).digest().readInt32BE();

/**
 * Counts wrong inquiry attempts and locks out their national ID or address, for all processes: the counts and the locks are in
 * PostgreSQL. All verbs of one attempt must run in one transaction.
 */
export function createLockOut(trx: Queryable) {
  return {
    /** Waits until no other transaction handles an attempt for this national ID or from this address. */
    async serialiseAttempts(keys: AttemptKeys): Promise<void> {
      // All transactions lock in the same order: otherwise two of them could wait for each other.
      const lockKeys = lockSubjects(keys)
        .map(advisoryLockKey)
        .sort((a, b) => a - b);
      await trx.query('SELECT pg_advisory_xact_lock($1, key) FROM unnest($2::int[]) key', [
        ADVISORY_LOCK_CLASS,
        lockKeys,
      ]);
    },

    async status(keys: AttemptKeys): Promise<LockStatus> {
      const [status] = await trx.query(READ_LOCK_STATUS, {
        subjects: lockSubjects(keys),
        nationalId: keys.nationalId,
        addressGroup: keys.addressGroup,
        windowMinutes: WINDOW_MINUTES,
      });
      return status as LockStatus;
    },

    /** Counts one wrong attempt more than `status` has, and locks out the national ID or address that has reached its limit. */
    async countWrongAttempt({ nationalId, addressGroup }: AttemptKeys, status: LockStatus): Promise<void> {
      const subjects = [
        ...(status.wrongFromAddress + 1 >= MAX_WRONG_PER_ADDRESS ? [addressSubject(addressGroup)] : []),
        ...(nationalId && status.wrongForNationalId + 1 >= MAX_WRONG_PER_NATIONAL_ID
          ? [nationalIdSubject(nationalId)]
          : []),
      ];
      if (subjects.length === 0) return;
      await trx.query(LOCK_SUBJECTS, {
        subjects,
        windowMinutes: WINDOW_MINUTES,
        resetAfterHours: RESET_AFTER_HOURS,
        maxMinutes: MAX_LOCK_OUT_MINUTES,
      });
    },
  };
}

const READ_LOCK_STATUS = statement<LockStatus>(
  'read-inquiry-lock-status',
  `SELECT (SELECT coalesce(ceil(extract(epoch FROM max(locked_until) - now())), 0)::int
             FROM inquiry_locks WHERE subject = ANY(:subjects) AND locked_until > now()) AS "lockedForSeconds",
          (SELECT count(*) FROM inquiries WHERE national_id = :nationalId AND outcome = 'no_permit'
              AND at > now() - make_interval(mins => :windowMinutes))::int AS "wrongForNationalId",
          (SELECT count(*) FROM inquiries WHERE address_group = :addressGroup AND outcome = 'no_permit'
              AND at > now() - make_interval(mins => :windowMinutes))::int AS "wrongFromAddress"`,
  { lockedForSeconds: 'int4', wrongForNationalId: 'int4', wrongFromAddress: 'int4' },
);

const NEXT_LEVEL_SQL = `CASE WHEN held.locked_until < now() - make_interval(hours => :resetAfterHours) THEN 0
                             ELSE least(held.level + 1, 10) END`;

const LOCK_SUBJECTS = statement(
  'lock-inquiry-subjects',
  `INSERT INTO inquiry_locks AS held (subject, level, locked_until)
   SELECT subject, 0, now() + make_interval(mins => :windowMinutes) FROM unnest(:subjects::text[]) subject
   ON CONFLICT (subject) DO UPDATE
     SET level = ${NEXT_LEVEL_SQL},
         locked_until = now() + make_interval(mins => least(:maxMinutes, :windowMinutes * 2 ^ ${NEXT_LEVEL_SQL})::int)`,
  {},
);
