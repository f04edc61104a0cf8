import { createInquiries } from '../../../core/inquiries/inquiries';
import { createPermits } from '../../../core/permits/permits';
import { useDatabase } from '../../support/database';
import { nationalId as nationalIdOf } from '../../support/fixtures';
import { type ServedNotice, serveNotice } from '../../support/served-notice';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

let count = 0;
const anAddress = () => {
  count += 1;
  return `198.51.${count >> 8}.${count & 255}`;
};
const aNationalId = () => {
  count += 1;
  return nationalIdOf(31_000_000 + count);
};

describe('wrong inquiries', () => {
  const test = useDatabase({ max: 20 });

  type Shared = ServedNotice & { passcode: string };
  const shared = async (): Promise<Shared> => {
    const notice = await serveNotice(test.db);
    const issued = await createPermits(test.db, SECRET_KEY).issue({ ...notice, duration: 'week' });
    return { ...notice, passcode: issued?.passcode as string };
  };
  const attempt = async (nationalId: string, passcode: string, address = anAddress()): Promise<string> => {
    const inquiries = createInquiries(test.db, SECRET_KEY, { refusalMs: 0 });
    return inquiries.answer({ nationalId, passcode, bodyName: 'بانک', address, actor: 'panel' }).then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
  };
  const repeat = async (
    times: number,
    attemptOnce: () => Promise<string>,
  ): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (let i = 0; i < times; i += 1) {
      const answer = await attemptOnce();
      counts[answer] = (counts[answer] ?? 0) + 1;
    }
    return counts;
  };
  /** Moves all counted attempts and lock-outs into the past. */
  const minutesPass = async (minutes: number): Promise<void> => {
    await test.db.query('UPDATE inquiries SET at = at - make_interval(mins => $1)', [minutes]);
    await test.db.query('UPDATE inquiry_locks SET locked_until = locked_until - make_interval(mins => $1)', [
      minutes,
    ]);
  };
  const lockedMinutes = async (subject: string): Promise<number> => {
    const [lock] = await test.db.query<{ minutes: number }>(
      `SELECT extract(epoch FROM locked_until - now())::float8 / 60 AS minutes FROM inquiry_locks WHERE subject = $1`,
      [subject],
    );
    return Math.round(lock?.minutes ?? 0);
  };

  it('lock a national ID out after five, from every address, also for correct passcodes', async () => {
    const { nationalId, passcode } = await shared();
    expect(await repeat(7, () => attempt(nationalId, '1'))).toEqual({ no_permit: 5, locked_out: 2 });
    expect(await attempt(nationalId, passcode)).toBe('locked_out');
    expect(await lockedMinutes(`national ID ${nationalId}`)).toBe(15);
    await minutesPass(15);
    expect(await attempt(nationalId, passcode)).toBe('answered');
  });

  it('count in the same way for unregistered national IDs', async () => {
    const nobody = aNationalId();
    expect(await repeat(6, () => attempt(nobody, '1'))).toEqual({ no_permit: 5, locked_out: 1 });
  });

  it('do not lock out other national IDs and other addresses', async () => {
    const [one, two] = [await shared(), await shared()];
    const address = anAddress();
    await repeat(6, () => attempt(one.nationalId, '1', address));
    expect(await attempt(two.nationalId, two.passcode, address)).toBe('answered');
  });

  it('lock an address out after twenty, whatever the national IDs', async () => {
    const notice = await shared();
    const address = anAddress();
    expect(await repeat(22, () => attempt(aNationalId(), '1', address))).toEqual({
      no_permit: 20,
      locked_out: 2,
    });
    expect(await attempt(notice.nationalId, notice.passcode, address)).toBe('locked_out');
    expect(await attempt(notice.nationalId, notice.passcode)).toBe('answered');
  });

  it('lock an address out also with invalid national IDs', async () => {
    const address = anAddress();
    expect(await repeat(21, () => attempt('x', '1', address))).toEqual({ no_permit: 20, locked_out: 1 });
  });

  it('lock the whole /64 of an IPv6 address out', async () => {
    let host = 0;
    const address = () => {
      host += 1;
      return `2001:db8:7:7::${host.toString(16)}`;
    };
    expect(await repeat(21, () => attempt(aNationalId(), '1', address()))).toEqual({
      no_permit: 20,
      locked_out: 1,
    });
  });

  it('stop counting after a quarter of an hour', async () => {
    const { nationalId, passcode } = await shared();
    await repeat(4, () => attempt(nationalId, '1'));
    await minutesPass(15);
    expect(await repeat(4, () => attempt(nationalId, '1'))).toEqual({ no_permit: 4 });
    expect(await attempt(nationalId, passcode)).toBe('answered');
  });

  it('double the lock-out each time, up to a day, and start again after a day without one', async () => {
    const nationalId = aNationalId();
    const lengths: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      expect(await repeat(5, () => attempt(nationalId, '1'))).toEqual({ no_permit: 5 });
      const length = await lockedMinutes(`national ID ${nationalId}`);
      lengths.push(length);
      await minutesPass(length);
    }
    expect(lengths).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
    await minutesPass(24 * 60 + 1);
    await repeat(5, () => attempt(nationalId, '1'));
    expect(await lockedMinutes(`national ID ${nationalId}`)).toBe(15);
  });

  it('are looked up at most five times, however many arrive at once', async () => {
    const { nationalId } = await shared();
    const answers = await Promise.all(Array.from({ length: 40 }, () => attempt(nationalId, '1')));
    expect(answers.filter((answer) => answer === 'no_permit')).toHaveLength(5);
  });

  it('from one address are looked up at most twenty times, however many arrive at once', async () => {
    const address = anAddress();
    const answers = await Promise.all(Array.from({ length: 60 }, () => attempt(aNationalId(), '1', address)));
    expect(answers.filter((answer) => answer === 'no_permit')).toHaveLength(20);
  });

  it('and correct ones never block each other, however many arrive at once', async () => {
    const notices = [await shared(), await shared(), await shared()];
    const from = [anAddress(), anAddress()];
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => {
        const { nationalId, passcode } = notices[i % 3] as Shared;
        return attempt(nationalId, passcode, from[i % 2]);
      }),
    );
    expect(new Set(answers)).toEqual(new Set(['answered']));
  });

  it('are not counted when they are correct', async () => {
    const { nationalId, passcode } = await shared();
    const address = anAddress();
    expect(await repeat(25, () => attempt(nationalId, passcode, address))).toEqual({ answered: 25 });
  });
});
