import type { FastifyInstance } from 'fastify';
import { countAsSent, giveUp } from '../../../core/desk/actions/end-alerts';
import { resendAlerts } from '../../../core/desk/actions/resend-alerts';
import { CHOICES, type Choice, type ChosenAlert, choicesOf, readAlert } from '../../../core/desk/choices';
import { maskAddress, maskWithin } from '../../../core/desk/masking';
import { alertSubject } from '../../../core/desk/subjects';
import type { Queryable } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { DescriptionList, MessageBox } from '../../frame/content';
import type { Offer } from '../act/offer';
import { offerRoutes } from '../act/offer-routes';
import { ACTION_WORDS } from '../audit-page';
import { inWords } from '../dead-letters/cause-words';
import type { OpsDependencies } from '../ops-routes';
import { CHANNEL } from '../status/words';
import { Address, AlertStateBadge, alertStateName } from './alert-words';

interface AlertOffer {
  /** What becomes of one alert, and of many. */
  explain: string;
  explainAll: string;
  danger?: boolean;
  work(trx: Queryable, alertIds: string[], operator: string, ttlHours: number): Promise<number>;
}

/** What can be done about an alert that ended badly. */
export const ALERT_OFFERS: Record<Choice, AlertOffer> = {
  resend: {
    explain:
      'هشدار با شماره تلاشی تازه به صف ارسال برمی‌گردد و مهلتی تازه می‌گیرد. تلاش‌های پیش دست‌نخورده می‌مانند.',
    explainAll:
      'هر هشدار با شماره تلاشی تازه به صف ارسال برمی‌گردد و مهلتی تازه می‌گیرد. تلاش‌های پیش دست‌نخورده می‌مانند.',
    work: (trx, ids, _, ttlHours) => resendAlerts(trx, ids, ttlHours),
  },
  'count-as-sent': {
    explain:
      'اگر ارائه‌دهنده یا گیرنده گفته است که پیام رسیده. دیگر فرستاده نمی‌شود و در رویدادها می‌آید که راهبر تصمیم گرفت.',
    explainAll:
      'اگر ارائه‌دهنده گفته است که این پیام‌ها رفته‌اند. دیگر فرستاده نمی‌شوند و در رویدادها می‌آید که راهبر تصمیم گرفت.',
    work: (trx, ids, operator) => countAsSent(trx, ids, operator),
  },
  'give-up': {
    explain: 'دیگر فرستاده نمی‌شود و از مانده‌ها بیرون می‌رود. خود مکاتبه در صندوق کارفرما می‌ماند.',
    explainAll: 'دیگر فرستاده نمی‌شوند و از مانده‌ها بیرون می‌روند. خود مکاتبات در صندوق کارفرمایان می‌مانند.',
    danger: true,
    work: (trx, ids, operator) => giveUp(trx, ids, operator),
  },
};

export const MayComeTwice = () => (
  <MessageBox tone="caution">
    <p>معلوم نیست پیام پیشین رسیده باشد: گیرنده شاید آن را دو بار بگیرد.</p>
  </MessageBox>
);

/** `/ops/alerts/{id}/…`: what can be done about one alert. */
export function alertOffers(
  app: FastifyInstance,
  { db, config }: Pick<OpsDependencies, 'db' | 'config'>,
): void {
  for (const choice of CHOICES) {
    offerRoutes(app, db, `/ops/alerts/:id/${choice}`, async (request) => {
      const alert = await readAlert(db, (request.params as { id: string }).id);
      if (!alert) throw new Refusal('not_found', 'There is no such alert.');
      return offerOf(alert, choice, config.ALERT_TTL_HOURS);
    });
  }
}

function offerOf(alert: ChosenAlert, choice: Choice, ttlHours: number): Offer {
  const { explain, danger = false, work } = ALERT_OFFERS[choice];
  return {
    action: choice,
    subject: alertSubject(alert.id),
    title: ACTION_WORDS[choice],
    danger,
    explanation: (
      <>
        <p>{explain}</p>
        {choice === 'resend' && alert.state === 'unknown' && <MayComeTwice />}
        <Known alert={alert} />
      </>
    ),
    section: 'find',
    back: `/ops/notices/${alert.noticeId}`,
    preview: async () => ({
      count: 1,
      of: 'هشدار',
      sample: [alert],
      ...(!choicesOf(alert).includes(choice) && { obstacle: overtaken(alert) }),
    }),
    work: (trx, _, operator) => work(trx, [alert.id], operator, ttlHours),
  };
}

const overtaken = ({ state }: ChosenAlert): string =>
  `این کار برای این هشدار اکنون شدنی نیست؛ وضعیت آن: ${alertStateName(state)}.`;

const Known = ({ alert }: { alert: ChosenAlert }) => (
  <DescriptionList
    entries={[
      ['هشدار', CHANNEL[alert.channel]],
      ['نشانی', <Address key="address" address={maskAddress(alert.address)} />],
      ['وضعیت', <AlertStateBadge key="state" state={alert.state} />],
      ['علت', alert.reason && <bdi key="reason">{inWords(alert.cause, maskWithin(alert.reason))}</bdi>],
    ]}
  />
);
