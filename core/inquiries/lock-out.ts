import { createHash } from 'node:crypto';
import type { Queryable } from '../platform/database';
import type { InquiryAttempt } from './record-inquiry-attempt';

const MAX_WRONG_PER_NATIONAL_ID = 5;
const MAX_WRONG_PER_ADDRESS = 20;
/** Minutes in which they are counted, and minutes of the first lock-out; each one more takes twice as long. */
const WINDOW_MINUTES = 15;
const MAX_LOCK_OUT_MINUTES = 24 * 60;
/** Hours without a lock-out after which the next one is a first one again. */
const RESET_AFTER_HOURS = 24;
/** Keeps our advisory locks apart from those of others in the same database. */
const ADVISORY_LOCK_CLASS = 7_013_980;

type AttemptKeys = Pick<InquiryAttempt, 'nationalId' | 'addressGroup'>;

export interface LockStatus {
  /** Seconds until the lock-out is over; 0 where there is none. */
  lockedFor: number;
  /** Wrong tries in the last quarter of an hour. */
  wrongForNationalId: number;
  wrongFromAddress: number;
}

const lockSubjects = ({ nationalId, addressGroup }: AttemptKeys): string[] => [
  `address ${addressGroup}`,
  ...(nationalId ? [`national ID ${nationalId}`] : []),
];

const advisoryLockKey = (subject: string): number =>
  createHash('sha256').update(subject).digest().readInt32BE();

/** Wrong tries and what comes of them, in PostgreSQL: the same for every process. To be used in one transaction. */
export function createLockOut(trx: Queryable) {
  return {
    /** Waits until no other transaction decides on a try for this national ID or from this address. */
    async serialiseAttempts(asked: AttemptKeys): Promise<void> {
      // In one order everywhere, so that nobody waits in a circle.
      const keys = lockSubjects(asked)
        .map(advisoryLockKey)
        .sort((a, b) => a - b);
      await trx.query('SELECT pg_advisory_xact_lock($1, key) FROM unnest($2::int[]) key', [
        ADVISORY_LOCK_CLASS,
        keys,
      ]);
    },

    async status(asked: AttemptKeys): Promise<LockStatus> {
      const [standing] = await trx.query<LockStatus & Record<string, unknown>>(
        `SELECT (SELECT coalesce(ceil(extract(epoch FROM max(locked_until) - now())), 0)::int
                   FROM inquiry_locks WHERE subject = ANY($1) AND locked_until > now()) AS "lockedFor",
                (SELECT count(*) FROM inquiries WHERE national_id = $2 AND outcome = 'no_permit'
                    AND at > now() - make_interval(mins => $4))::int AS "wrongForNationalId",
                (SELECT count(*) FROM inquiries WHERE address_group = $3 AND outcome = 'no_permit'
                    AND at > now() - make_interval(mins => $4))::int AS "wrongFromAddress"`,
        [lockSubjects(asked), asked.nationalId, asked.addressGroup, WINDOW_MINUTES],
      );
      return standing as LockStatus;
    },

    /** Counts one wrong try more than `standing` has, and locks out whom it was one too many for. */
    async countWrongAttempt({ nationalId, addressGroup }: AttemptKeys, standing: LockStatus): Promise<void> {
      const subjects = [
        ...(standing.wrongFromAddress + 1 >= MAX_WRONG_PER_ADDRESS ? [`address ${addressGroup}`] : []),
        ...(nationalId && standing.wrongForNationalId + 1 >= MAX_WRONG_PER_NATIONAL_ID
          ? [`national ID ${nationalId}`]
          : []),
      ];
      if (subjects.length === 0) return;
      await trx.query(
        `INSERT INTO inquiry_locks AS held (subject, level, locked_until)
         SELECT subject, 0, now() + make_interval(mins => $2) FROM unnest($1::text[]) subject
         ON CONFLICT (subject) DO UPDATE
           SET level = ${NEXT_LEVEL_SQL},
               locked_until = now() + make_interval(mins => least($4, $2 * 2 ^ ${NEXT_LEVEL_SQL})::int)`,
        [subjects, WINDOW_MINUTES, RESET_AFTER_HOURS, MAX_LOCK_OUT_MINUTES],
      );
    },
  };
}

const NEXT_LEVEL_SQL = `CASE WHEN held.locked_until < now() - make_interval(hours => $3) THEN 0 ELSE least(held.level + 1, 10) END`;
