import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AT_ONCE, dealWithCallbacks, dealWithRefusals } from '../../../core/desk/actions/deal-with';
import { CHOICES, type Choice, choicesOf } from '../../../core/desk/choices';
import { createDeadLetters, type DeadGroup } from '../../../core/desk/dead-letters';
import { CALLBACKS_SUBJECT, groupSubject, refusalsSubject } from '../../../core/desk/subjects';
import type { Database } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { CHANNELS } from '../../../core/platform/queues';
import { toPersianDigits } from '../../../core/text/normalise';
import { instantOf, type Offer, type Preview } from '../act/offer';
import { offerRoutes } from '../act/offer-routes';
import { ACTION_WORDS } from '../audit-page';
import { ALERT_OFFERS, MayComeTwice } from '../find/alert-offers';
import type { OpsDependencies } from '../ops-routes';
import { CALLBACKS_ADDRESS, DEAD_LETTERS, groupAddress, refusalsAddress } from './addresses';

const STATES: readonly string[] = ['failed', 'unknown', 'expired'];

/** @throws Refusal `not_found` for an address no group can have */
export function groupOf(request: FastifyRequest): DeadGroup {
  const group = request.params as DeadGroup;
  if (CHANNELS.includes(group.channel) && STATES.includes(group.state)) return group;
  throw new Refusal('not_found', 'There is no such group.');
}

/** What can be done about each alert of a group can be done about all of them. */
export const groupChoices = ({ state }: DeadGroup): Choice[] => choicesOf({ state, dead: true });

const everything = (choice: 'deal-with' | Choice): string => `${ACTION_WORDS[choice]}: همه`;

/** What is there now, and no more than one action takes. What comes later is not decided about. */
async function previewOf(
  db: Database,
  count: number,
  of: string,
  sample: Preview['sample'] = [],
): Promise<Preview> {
  if (count === 0) return { count, of, obstacle: 'چیزی نمانده است: در این میان به همه رسیدگی شده است.' };
  const words = count > AT_ONCE ? `${of} از ${toPersianDigits(count)}؛ بقیه برای بار دیگر می‌ماند` : of;
  const seen = (await createDeadLetters(db).now()).toISOString();
  return { count: Math.min(count, AT_ONCE), of: words, sample, seen };
}

/** `/ops/dead-letters/…`: what can be done about everything that has one cause. */
export function groupOffers(app: FastifyInstance, deps: Pick<OpsDependencies, 'db' | 'config'>): void {
  const { db } = deps;
  for (const choice of CHOICES) {
    offerRoutes(app, db, `${DEAD_LETTERS}/alerts/:channel/:state/:cause/${choice}`, async (request) => {
      const group = groupOf(request);
      if (!groupChoices(group).includes(choice))
        throw new Refusal('not_found', 'This is nothing for a group.');
      return alertsOffer(deps, group, choice);
    });
  }
  offerRoutes(app, db, `${DEAD_LETTERS}/refusals/:code/deal-with`, async (request) =>
    refusalsOffer(deps, (request.params as { code: string }).code),
  );
  offerRoutes(app, db, `${CALLBACKS_ADDRESS}/deal-with`, async () => callbacksOffer(deps));
}

function alertsOffer(
  { db, config }: Pick<OpsDependencies, 'db' | 'config'>,
  group: DeadGroup,
  choice: Choice,
): Offer {
  const letters = createDeadLetters(db);
  const { explainAll, danger = false, work } = ALERT_OFFERS[choice];
  return {
    action: choice,
    subject: groupSubject(group),
    title: everything(choice),
    danger,
    explanation: (
      <>
        <p>{explainAll}</p>
        {choice === 'resend' && group.state === 'unknown' && <MayComeTwice />}
      </>
    ),
    section: 'deadLetters',
    back: groupAddress(group),
    preview: async () =>
      previewOf(db, await letters.sizeOf(group), 'هشدار', (await letters.alertsOf(group)).slice(0, 5)),
    async work(trx, { seen }, operator) {
      const ids = await createDeadLetters(trx).oldestOf(group, instantOf(seen));
      return work(trx, ids, operator, config.ALERT_TTL_HOURS);
    },
  };
}

const DEALT_WITH = 'از مانده‌ها بیرون می‌روند. چیزی فرستاده یا پاک نمی‌شود.';

function refusalsOffer({ db }: Pick<OpsDependencies, 'db'>, code: string): Offer {
  return {
    action: 'deal-with',
    subject: refusalsSubject(code),
    title: everything('deal-with'),
    explanation: <p>{DEALT_WITH}</p>,
    section: 'deadLetters',
    back: refusalsAddress(code),
    preview: async () => previewOf(db, await createDeadLetters(db).sizeOfRefusals(code), 'مکاتبه ردشده'),
    work: (trx, { seen }) => dealWithRefusals(trx, code, instantOf(seen)),
  };
}

function callbacksOffer({ db }: Pick<OpsDependencies, 'db'>): Offer {
  return {
    action: 'deal-with',
    subject: CALLBACKS_SUBJECT,
    title: everything('deal-with'),
    explanation: <p>{DEALT_WITH}</p>,
    section: 'deadLetters',
    back: CALLBACKS_ADDRESS,
    preview: async () => previewOf(db, (await createDeadLetters(db).callbacks())?.count ?? 0, 'گزارش تحویل'),
    work: (trx, { seen }) => dealWithCallbacks(trx, instantOf(seen)),
  };
}
