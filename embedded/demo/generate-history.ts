import { v7 as uuidv7 } from 'uuid';
import { jalaliDate } from '../../core/text/jalali';
import { toAsciiDigits } from '../../core/text/normalise';
import { type AlertScenario, EMAIL_SCENARIOS, SMS_SCENARIOS } from './alert-scenarios';
import { DEMO_EMPLOYERS, type DemoEmployer } from './employers';
import { createSeededRandom, type SeededRandom } from './seeded-random';
import {
  DEMO_SOURCES,
  DEMO_SUBJECTS,
  type DemoAttachment,
  type DemoSubject,
  LEGACY_SUBJECTS,
} from './subjects';

/** A past notice, before it is written to the database. */
export interface DemoNotice {
  id: string;
  reference: string;
  acceptedAt: Date;
  employer: DemoEmployer;
  workshopCode: string;
  subject: DemoSubject;
  /** Older notices have no attachments in the demo. */
  attachments: readonly DemoAttachment[];
  /** Null for notices of the legacy portal, which sent no alerts. */
  scenarios: { sms: AlertScenario; email: AlertScenario } | null;
  viewedAt: Date | null;
}

type NoticeOutline = Pick<DemoNotice, 'acceptedAt' | 'scenarios' | 'viewedAt'> & {
  /** The employers one of whom receives the notice. */
  among: readonly DemoEmployer[];
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const RANDOM_SEED = 13_980_331;
const RECENT_NOTICES = 320;
const LEGACY_NOTICES = 40;
const LEGACY_FROM_MS = Date.parse('2017-04-22T00:00:00Z');
/** The last notices of the legacy portal are older than 2019-06-21T19:30:00Z. */
const LEGACY_TO_MS = Date.parse('2019-06-18T00:00:00Z');
const HISTORY_MS = 548 * DAY_MS;
const ATTACHMENTS_KEPT_MS = 90 * DAY_MS;

/** The endings of past alerts, each with its weight. */
const SMS_ENDINGS = [
  [70, SMS_SCENARIOS.delivered],
  [7, SMS_SCENARIOS.deliveredLate],
  [4, SMS_SCENARIOS.deliveredAtSecondTry],
  [5, SMS_SCENARIOS.blocked],
  [5, SMS_SCENARIOS.undelivered],
  [3, SMS_SCENARIOS.invalidReceptor],
  [3, SMS_SCENARIOS.noReport],
  [2, SMS_SCENARIOS.noAnswer],
  [2, SMS_SCENARIOS.expired],
  [2, SMS_SCENARIOS.cancelled],
] as const;
const EMAIL_ENDINGS = [
  [82, EMAIL_SCENARIOS.sent],
  [6, EMAIL_SCENARIOS.sentAfterGreylisting],
  [5, EMAIL_SCENARIOS.noMailbox],
  [3, EMAIL_SCENARIOS.noAnswer],
  [2, EMAIL_SCENARIOS.expired],
  [2, EMAIL_SCENARIOS.cancelled],
] as const;

/** The last two days, one by one because many alerts are still open: minutes ago, SMS, email, minutes to the first view. */
const LAST_DAYS: readonly (readonly [number, AlertScenario, AlertScenario, number | null])[] = [
  [3, SMS_SCENARIOS.queued, EMAIL_SCENARIOS.queued, null],
  [8, SMS_SCENARIOS.putOff, EMAIL_SCENARIOS.sent, null],
  [17, SMS_SCENARIOS.sent, EMAIL_SCENARIOS.sent, null],
  [26, SMS_SCENARIOS.delivered, EMAIL_SCENARIOS.noAnswer, 9],
  [41, SMS_SCENARIOS.delivered, EMAIL_SCENARIOS.sent, 25],
  [75, SMS_SCENARIOS.sent, EMAIL_SCENARIOS.sentAfterGreylisting, null],
  [160, SMS_SCENARIOS.delivered, EMAIL_SCENARIOS.sent, null],
  [305, SMS_SCENARIOS.blocked, EMAIL_SCENARIOS.sent, 210],
  [480, SMS_SCENARIOS.delivered, EMAIL_SCENARIOS.noMailbox, null],
  [1_130, SMS_SCENARIOS.cancelled, EMAIL_SCENARIOS.cancelled, null],
  [1_310, SMS_SCENARIOS.delivered, EMAIL_SCENARIOS.sent, 64],
  [1_525, SMS_SCENARIOS.sent, EMAIL_SCENARIOS.sent, null],
  [1_960, SMS_SCENARIOS.invalidReceptor, EMAIL_SCENARIOS.sent, null],
  [2_480, SMS_SCENARIOS.delivered, EMAIL_SCENARIOS.sent, 900],
];

/** The receivers of the last days have both an SMS and an email address, so that each state can be seen. */
const EMPLOYERS_ON_BOTH_CHANNELS = DEMO_EMPLOYERS.slice(0, 2);

/** Makes about four hundred notices up to `now`, the oldest first. The same `now` gives the same notices. */
export function generateHistory(now: Date): DemoNotice[] {
  const random = createSeededRandom(RANDOM_SEED);
  const legacy = Array.from({ length: LEGACY_NOTICES }, (): NoticeOutline => {
    const acceptedAt = randomWorkingTime(random, LEGACY_FROM_MS, LEGACY_TO_MS);
    const viewedAt = randomFirstView(random, acceptedAt, now, 0.9);
    return { acceptedAt, scenarios: null, viewedAt, among: DEMO_EMPLOYERS };
  });
  const recent = Array.from({ length: RECENT_NOTICES }, (): NoticeOutline => {
    const acceptedAt = randomWorkingTime(random, now.getTime() - HISTORY_MS, now.getTime() - 6 * DAY_MS);
    const scenarios = { sms: random.pickWeighted(SMS_ENDINGS), email: random.pickWeighted(EMAIL_ENDINGS) };
    const viewedAt = randomFirstView(random, acceptedAt, now, 0.7);
    return { acceptedAt, scenarios, viewedAt, among: DEMO_EMPLOYERS };
  });
  const last = LAST_DAYS.map(([minutesAgo, sms, email, viewedAfter]): NoticeOutline => {
    const acceptedAt = new Date(now.getTime() - minutesAgo * MINUTE_MS);
    const viewedAt = viewedAfter === null ? null : new Date(acceptedAt.getTime() + viewedAfter * MINUTE_MS);
    return { acceptedAt, scenarios: { sms, email }, viewedAt, among: EMPLOYERS_ON_BOTH_CHANNELS };
  });
  const outlines = [...legacy, ...recent, ...last];
  outlines.sort((a, b) => a.acceptedAt.getTime() - b.acceptedAt.getTime());
  const attachmentsSince = now.getTime() - ATTACHMENTS_KEPT_MS;
  return outlines.map((outline, index) =>
    withAttachments(assignRecipient(random, outline, index + 1), attachmentsSince),
  );
}

const withAttachments = (notice: Omit<DemoNotice, 'attachments'>, since: number): DemoNotice => ({
  ...notice,
  attachments: (notice.acceptedAt.getTime() >= since && notice.subject.attachments) || [],
});

/** Gives a notice its subject, its recipient and its reference. */
function assignRecipient(
  random: SeededRandom,
  { among, ...outline }: NoticeOutline,
  index: number,
): Omit<DemoNotice, 'attachments'> {
  const subjects = outline.scenarios ? DEMO_SUBJECTS : LEGACY_SUBJECTS;
  const subject = random.pickWeighted(subjects.map((one) => [one.weight, one] as const));
  const { employer, code } = random.pickWeighted(eligibleWorkshops(among, outline.acceptedAt));
  const year = toAsciiDigits(jalaliDate(outline.acceptedAt)).slice(0, 4);
  return {
    ...outline,
    id: uuidv7({ msecs: outline.acceptedAt.getTime(), random: random.bytes(16) }),
    reference: `${DEMO_SOURCES[subject.source].prefix}-${year}-${String(index).padStart(6, '0')}`,
    employer,
    workshopCode: code,
    subject,
  };
}

/** Lists the workshops whose service agreement was signed before `at`, with their weights. */
function eligibleWorkshops(among: readonly DemoEmployer[], at: Date) {
  return among.flatMap((employer) =>
    employer.workshops
      .filter(({ agreement }) => agreement && Date.parse(agreement.signedAt) < at.getTime())
      .map(({ code }) => [employer.weight, { employer, code }] as const),
  );
}

/** Chooses the instant of the first view: mostly within a day, sometimes after weeks, or none yet. */
function randomFirstView(
  random: SeededRandom,
  acceptedAt: Date,
  now: Date,
  probability: number,
): Date | null {
  if (!random.chance(probability)) return null;
  const [shortest, longest] = random.pickWeighted([
    [5, [4, 180]],
    [3, [180, 1_500]],
    [2, [1_500, 30_000]],
  ] as const);
  const at = new Date(acceptedAt.getTime() + random.integer(shortest * 60, longest * 60) * 1000);
  return at < now ? at : null;
}

const TEHRAN_OFFSET_MS = 3.5 * HOUR_MS;

/** Chooses an instant between 8 and 16 o'clock in Tehran, from Saturday to Wednesday; up to two days past the end. */
function randomWorkingTime(random: SeededRandom, from: number, to: number): Date {
  const day = Math.floor((from + random.next() * (to - from) + TEHRAN_OFFSET_MS) / DAY_MS) * DAY_MS;
  const weekday = new Date(day).getUTCDay();
  const shift = weekday === 4 ? 2 : weekday === 5 ? 1 : 0;
  return new Date(
    day + shift * DAY_MS - TEHRAN_OFFSET_MS + 8 * HOUR_MS + random.integer(0, 8 * 3600 - 1) * 1000,
  );
}
