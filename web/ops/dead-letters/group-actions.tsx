import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DEAD_STATES } from '../../../core/alerts/states';
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
  type DeadAlertGroup,
  groupSubject,
  refusalsSubject,
} from '../../../core/operator-console/audit-subjects';
import { createDeadLetters } from '../../../core/operator-console/dead-letters';
import type { Database } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { CHANNELS } from '../../../core/platform/queues';
import { toPersianDigits } from '../../../core/text/normalise';
import { ALERT_ACTION_DEFINITIONS, DuplicateWarning } from '../actions/alert-actions';
import { type ActionPreview, type OperatorAction, parseSnapshotTime } from '../actions/operator-action';
import { registerAction } from '../actions/register-action';
import { ACTION_LABELS } from '../labels/audit-labels';
import type { OpsDependencies } from '../ops-dependencies';
import { CALLBACKS_PATH, DEAD_LETTERS_PATH, groupPath, refusalsPath } from './dead-letter-paths';

/** @throws Refusal `not_found` for a path that no group can have */
export function parseGroup(request: FastifyRequest): DeadAlertGroup {
  const group = request.params as DeadAlertGroup;
  if (CHANNELS.includes(group.channel) && DEAD_STATES.includes(group.state)) return group;
  throw new Refusal('not_found', 'There is no such group.');
}

/** Every action that is allowed on each alert of a group is allowed on the whole group. */
export const allowedGroupActions = ({ state }: DeadAlertGroup): AlertAction[] =>
  allowedActions({ state, dead: true });

const groupActionTitle = (action: 'deal-with' | AlertAction): string => `${ACTION_LABELS[action]}: همه`;

/** Counts the present items of a group, up to the limit of one action. Items that arrive later are not included. */
async function previewGroup(
  db: Database,
  count: number,
  itemLabel: string,
  sample: ActionPreview['sample'] = [],
): Promise<ActionPreview> {
  if (count === 0)
    return { count, itemLabel, blockedReason: 'چیزی نمانده است: در این میان به همه رسیدگی شده است.' };
  const label =
    count > MAX_ROWS_PER_ACTION
      ? `${itemLabel} از ${toPersianDigits(count)}؛ بقیه برای بار دیگر می‌ماند`
      : itemLabel;
  const snapshot = (await createDeadLetters(db).now()).toISOString();
  return { count: Math.min(count, MAX_ROWS_PER_ACTION), itemLabel: label, sample, snapshot };
}

/** Registers the actions under `/ops/dead-letters/…`, each for all items with one cause. */
export function registerGroupActions(
  app: FastifyInstance,
  deps: Pick<OpsDependencies, 'db' | 'config'>,
): void {
  const { db } = deps;
  for (const action of ALERT_ACTIONS) {
    registerAction(
      app,
      db,
      `${DEAD_LETTERS_PATH}/alerts/:channel/:state/:cause/${action}`,
      async (request) => {
        const group = parseGroup(request);
        if (!allowedGroupActions(group).includes(action))
          throw new Refusal('not_found', 'This is nothing for a group.');
        return alertsAction(deps, group, action);
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
  action: AlertAction,
): OperatorAction {
  const deadLetters = createDeadLetters(db);
  const { groupExplanation, danger = false, perform } = ALERT_ACTION_DEFINITIONS[action];
  return {
    auditAction: action,
    subject: groupSubject(group),
    title: groupActionTitle(action),
    danger,
    explanation: (
      <>
        <p>{groupExplanation}</p>
        {action === 'resend' && group.state === 'unknown' && <DuplicateWarning />}
      </>
    ),
    section: 'deadLetters',
    returnPath: groupPath(group),
    preview: async () =>
      previewGroup(
        db,
        await deadLetters.alertGroupSize(group),
        'هشدار',
        (await deadLetters.latestAlerts(group)).slice(0, 5),
      ),
    async perform(trx, { snapshot }, operator) {
      const ids = await createDeadLetters(trx).oldestAlertIds(group, parseSnapshotTime(snapshot));
      return perform(trx, ids, operator, config.ALERT_TTL_HOURS);
    },
  };
}

const ACKNOWLEDGE_EXPLANATION = 'از مانده‌ها بیرون می‌روند. چیزی فرستاده یا پاک نمی‌شود.';

function refusalsAction({ db }: Pick<OpsDependencies, 'db'>, code: string): OperatorAction {
  return {
    auditAction: 'deal-with',
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
    auditAction: 'deal-with',
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
