import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  acknowledgeCallbacks,
  acknowledgeRefusals,
  MAX_ROWS_PER_ACTION,
} from '../../../core/operator-console/acknowledge';
import {
  ALERT_ACTIONS,
  type AlertAction,
  allowedActions,
} from '../../../core/operator-console/alert-actions';
import {
  CALLBACKS_SUBJECT,
  groupSubject,
  refusalsSubject,
} from '../../../core/operator-console/audit-subjects';
import { createDeadLetters, type DeadAlertGroup } from '../../../core/operator-console/dead-letters';
import type { Database } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { CHANNELS } from '../../../core/platform/queues';
import { toPersianDigits } from '../../../core/text/normalise';
import { ALERT_ACTION_FORMS, DuplicateWarning } from '../actions/alert-actions';
import { type ActionPreview, type OperatorAction, parseSnapshotTime } from '../actions/operator-action';
import { registerAction } from '../actions/register-action';
import { ACTION_LABELS } from '../labels/audit-labels';
import type { OpsDependencies } from '../ops-dependencies';
import { CALLBACKS_PATH, DEAD_LETTERS_PATH, groupPath, refusalsPath } from './dead-letter-paths';

const DEAD_STATES: readonly string[] = ['failed', 'unknown', 'expired'];

/** @throws Refusal `not_found` for an address no group can have */
export function parseGroup(request: FastifyRequest): DeadAlertGroup {
  const group = request.params as DeadAlertGroup;
  if (CHANNELS.includes(group.channel) && DEAD_STATES.includes(group.state)) return group;
  throw new Refusal('not_found', 'There is no such group.');
}

/** What can be done about each alert of a group can be done about all of them. */
export const allowedGroupActions = ({ state }: DeadAlertGroup): AlertAction[] =>
  allowedActions({ state, dead: true });

const groupActionTitle = (choice: 'deal-with' | AlertAction): string => `${ACTION_LABELS[choice]}: همه`;

/** What is there now, and no more than one action takes. What comes later is not decided about. */
async function previewGroup(
  db: Database,
  count: number,
  of: string,
  sample: ActionPreview['sample'] = [],
): Promise<ActionPreview> {
  if (count === 0)
    return { count, itemLabel: of, blockedReason: 'چیزی نمانده است: در این میان به همه رسیدگی شده است.' };
  const words =
    count > MAX_ROWS_PER_ACTION ? `${of} از ${toPersianDigits(count)}؛ بقیه برای بار دیگر می‌ماند` : of;
  const seen = (await createDeadLetters(db).now()).toISOString();
  return { count: Math.min(count, MAX_ROWS_PER_ACTION), itemLabel: words, sample, snapshot: seen };
}

/** `/ops/dead-letters/…`: what can be done about everything that has one cause. */
export function registerGroupActions(
  app: FastifyInstance,
  deps: Pick<OpsDependencies, 'db' | 'config'>,
): void {
  const { db } = deps;
  for (const choice of ALERT_ACTIONS) {
    registerAction(
      app,
      db,
      `${DEAD_LETTERS_PATH}/alerts/:channel/:state/:cause/${choice}`,
      async (request) => {
        const group = parseGroup(request);
        if (!allowedGroupActions(group).includes(choice))
          throw new Refusal('not_found', 'This is nothing for a group.');
        return alertsAction(deps, group, choice);
      },
    );
  }
  registerAction(app, db, `${DEAD_LETTERS_PATH}/refusals/:code/deal-with`, async (request) =>
    refusalsAction(deps, (request.params as { code: string }).code),
  );
  registerAction(app, db, `${CALLBACKS_PATH}/deal-with`, async () => callbacksAction(deps));
}

function alertsAction(
  { db, config }: Pick<OpsDependencies, 'db' | 'config'>,
  group: DeadAlertGroup,
  choice: AlertAction,
): OperatorAction {
  const letters = createDeadLetters(db);
  const { explainAll, danger = false, perform: work } = ALERT_ACTION_FORMS[choice];
  return {
    action: choice,
    subject: groupSubject(group),
    title: groupActionTitle(choice),
    danger,
    explanation: (
      <>
        <p>{explainAll}</p>
        {choice === 'resend' && group.state === 'unknown' && <DuplicateWarning />}
      </>
    ),
    section: 'deadLetters',
    returnPath: groupPath(group),
    preview: async () =>
      previewGroup(
        db,
        await letters.alertGroupSize(group),
        'هشدار',
        (await letters.latestAlerts(group)).slice(0, 5),
      ),
    async perform(trx, { snapshot }, operator) {
      const ids = await createDeadLetters(trx).oldestAlertIds(group, parseSnapshotTime(snapshot));
      return work(trx, ids, operator, config.ALERT_TTL_HOURS);
    },
  };
}

const ACKNOWLEDGE_EXPLANATION = 'از مانده‌ها بیرون می‌روند. چیزی فرستاده یا پاک نمی‌شود.';

function refusalsAction({ db }: Pick<OpsDependencies, 'db'>, code: string): OperatorAction {
  return {
    action: 'deal-with',
    subject: refusalsSubject(code),
    title: groupActionTitle('deal-with'),
    explanation: <p>{ACKNOWLEDGE_EXPLANATION}</p>,
    section: 'deadLetters',
    returnPath: refusalsPath(code),
    preview: async () => previewGroup(db, await createDeadLetters(db).refusalGroupSize(code), 'مکاتبه ردشده'),
    perform: (trx, { snapshot }) => acknowledgeRefusals(trx, code, parseSnapshotTime(snapshot)),
  };
}

function callbacksAction({ db }: Pick<OpsDependencies, 'db'>): OperatorAction {
  return {
    action: 'deal-with',
    subject: CALLBACKS_SUBJECT,
    title: groupActionTitle('deal-with'),
    explanation: <p>{ACKNOWLEDGE_EXPLANATION}</p>,
    section: 'deadLetters',
    returnPath: CALLBACKS_PATH,
    preview: async () =>
      previewGroup(db, (await createDeadLetters(db).callbackGroup())?.count ?? 0, 'گزارش تحویل'),
    perform: (trx, { snapshot }) => acknowledgeCallbacks(trx, parseSnapshotTime(snapshot)),
  };
}
