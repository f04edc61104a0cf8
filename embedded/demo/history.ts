import { v7 as uuidv7 } from 'uuid';
import { jalaliDate } from '../../core/text/jalali';
import { toAsciiDigits } from '../../core/text/normalise';
import { type AlertStory, EMAIL_STORIES, SMS_STORIES } from './alert-stories';
import { createDice, type Dice } from './dice';
import { DEMO_EMPLOYERS, type DemoEmployer } from './employers';
import { DEMO_SOURCES, DEMO_SUBJECTS, type DemoPaper, type DemoSubject, LEGACY_SUBJECTS } from './subjects';

/** A notice of the past, as it is told before it is written. */
export interface DemoNotice {
  id: string;
  reference: string;
  acceptedAt: Date;
  employer: DemoEmployer;
  workshopCode: string;
  subject: DemoSubject;
  /** Those of older notices are not kept in the demo. */
  papers: readonly DemoPaper[];
  /** Null for those of the portal before, which sent nothing. */
  stories: { sms: AlertStory; email: AlertStory } | null;
  viewedAt: Date | null;
}

type Told = Pick<DemoNotice, 'acceptedAt' | 'stories' | 'viewedAt'> & {
  /** Whom it may go to. */
  among: readonly DemoEmployer[];
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SEED = 13_980_331;
const RECENT = 320;
const LEGACY = 40;
const LEGACY_FROM = Date.parse('2017-04-22T00:00:00Z');
/** The last notices of the portal before are older than 2019-06-21T19:30:00Z. */
const LEGACY_TO = Date.parse('2019-06-18T00:00:00Z');
const MONTHS_18 = 548 * DAY;
const PAPERS_FOR = 90 * DAY;

/** How the alerts of long ago ended, and how often. */
const SMS_ENDINGS = [
  [70, SMS_STORIES.delivered],
  [7, SMS_STORIES.deliveredLate],
  [4, SMS_STORIES.deliveredAtSecondTry],
  [5, SMS_STORIES.blocked],
  [5, SMS_STORIES.undelivered],
  [3, SMS_STORIES.invalidReceptor],
  [3, SMS_STORIES.noReport],
  [2, SMS_STORIES.noAnswer],
  [2, SMS_STORIES.expired],
  [2, SMS_STORIES.cancelled],
] as const;
const EMAIL_ENDINGS = [
  [82, EMAIL_STORIES.sent],
  [6, EMAIL_STORIES.sentAfterGreylisting],
  [5, EMAIL_STORIES.noMailbox],
  [3, EMAIL_STORIES.noAnswer],
  [2, EMAIL_STORIES.expired],
  [2, EMAIL_STORIES.cancelled],
] as const;

/** The last two days, told one by one because much of it is still open: minutes ago, SMS, email, minutes to the view. */
const LAST_DAYS: readonly (readonly [number, AlertStory, AlertStory, number | null])[] = [
  [3, SMS_STORIES.queued, EMAIL_STORIES.queued, null],
  [8, SMS_STORIES.putOff, EMAIL_STORIES.sent, null],
  [17, SMS_STORIES.sent, EMAIL_STORIES.sent, null],
  [26, SMS_STORIES.delivered, EMAIL_STORIES.noAnswer, 9],
  [41, SMS_STORIES.delivered, EMAIL_STORIES.sent, 25],
  [75, SMS_STORIES.sent, EMAIL_STORIES.sentAfterGreylisting, null],
  [160, SMS_STORIES.delivered, EMAIL_STORIES.sent, null],
  [305, SMS_STORIES.blocked, EMAIL_STORIES.sent, 210],
  [480, SMS_STORIES.delivered, EMAIL_STORIES.noMailbox, null],
  [1_130, SMS_STORIES.cancelled, EMAIL_STORIES.cancelled, null],
  [1_310, SMS_STORIES.delivered, EMAIL_STORIES.sent, 64],
  [1_525, SMS_STORIES.sent, EMAIL_STORIES.sent, null],
  [1_960, SMS_STORIES.invalidReceptor, EMAIL_STORIES.sent, null],
  [2_480, SMS_STORIES.delivered, EMAIL_STORIES.sent, 900],
];

/** The last days are told of those who get both an SMS and an email, so that each state is there to see. */
const ON_BOTH_CHANNELS = DEMO_EMPLOYERS.slice(0, 2);

/** Tells about four hundred notices up to `now`, the oldest first; the same `now` gives the same ones. */
export function tellHistory(now: Date): DemoNotice[] {
  const dice = createDice(SEED);
  const legacy = Array.from({ length: LEGACY }, (): Told => {
    const acceptedAt = workingHour(dice, LEGACY_FROM, LEGACY_TO);
    const viewedAt = viewOf(dice, acceptedAt, now, 0.9);
    return { acceptedAt, stories: null, viewedAt, among: DEMO_EMPLOYERS };
  });
  const recent = Array.from({ length: RECENT }, (): Told => {
    const acceptedAt = workingHour(dice, now.getTime() - MONTHS_18, now.getTime() - 6 * DAY);
    const stories = { sms: dice.weigh(SMS_ENDINGS), email: dice.weigh(EMAIL_ENDINGS) };
    const viewedAt = viewOf(dice, acceptedAt, now, 0.7);
    return { acceptedAt, stories, viewedAt, among: DEMO_EMPLOYERS };
  });
  const last = LAST_DAYS.map(([minutesAgo, sms, email, viewedAfter]): Told => {
    const acceptedAt = new Date(now.getTime() - minutesAgo * MINUTE);
    const viewedAt = viewedAfter === null ? null : new Date(acceptedAt.getTime() + viewedAfter * MINUTE);
    return { acceptedAt, stories: { sms, email }, viewedAt, among: ON_BOTH_CHANNELS };
  });
  const told = [...legacy, ...recent, ...last];
  told.sort((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime());
  const papersSince = now.getTime() - PAPERS_FOR;
  return told.map((one, index) => withPapers(address(dice, one, index + 1), papersSince));
}

const withPapers = (notice: Omit<DemoNotice, 'papers'>, since: number): DemoNotice => ({
  ...notice,
  papers: (notice.acceptedAt.getTime() >= since && notice.subject.papers) || [],
});

/** Gives a notice its subject, its recipient and its reference. */
function address(dice: Dice, { among, ...told }: Told, index: number): Omit<DemoNotice, 'papers'> {
  const subjects = told.stories ? DEMO_SUBJECTS : LEGACY_SUBJECTS;
  const subject = dice.weigh(subjects.map((one) => [one.share, one] as const));
  const { employer, code } = dice.weigh(addressees(among, told.acceptedAt));
  const year = toAsciiDigits(jalaliDate(told.acceptedAt)).slice(0, 4);
  return {
    ...told,
    id: uuidv7({ msecs: told.acceptedAt.getTime(), random: dice.bytes(16) }),
    reference: `${DEMO_SOURCES[subject.source].prefix}-${year}-${String(index).padStart(6, '0')}`,
    employer,
    workshopCode: code,
    subject,
  };
}

/** The workshops whose service agreement was signed by then. */
function addressees(among: readonly DemoEmployer[], at: Date) {
  return among.flatMap((employer) =>
    employer.workshops
      .filter(({ agreement }) => agreement && Date.parse(agreement.signedAt) < at.getTime())
      .map(({ code }) => [employer.share, { employer, code }] as const),
  );
}

/** When it was first looked at: mostly within a day, now and then after weeks, or not yet. */
function viewOf(dice: Dice, acceptedAt: Date, now: Date, probability: number): Date | null {
  if (!dice.chance(probability)) return null;
  const [shortest, longest] = dice.weigh([
    [5, [4, 180]],
    [3, [180, 1_500]],
    [2, [1_500, 30_000]],
  ] as const);
  const at = new Date(acceptedAt.getTime() + dice.between(shortest * 60, longest * 60) * 1000);
  return at < now ? at : null;
}

const TEHRAN = 3.5 * HOUR;

/** A moment between 8 and 16 o'clock in Tehran, from Saturday to Wednesday; up to two days past the end. */
function workingHour(dice: Dice, from: number, to: number): Date {
  const day = Math.floor((from + dice.roll() * (to - from) + TEHRAN) / DAY) * DAY;
  const weekday = new Date(day).getUTCDay();
  const shift = weekday === 4 ? 2 : weekday === 5 ? 1 : 0;
  return new Date(day + shift * DAY - TEHRAN + 8 * HOUR + dice.between(0, 8 * 3600 - 1) * 1000);
}
