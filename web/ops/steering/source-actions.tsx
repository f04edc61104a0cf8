import type { FastifyInstance } from 'fastify';
import { cancelQueuedAlerts } from '../../../core/alerts/cancel-queued-alerts';
import { sourceSubject } from '../../../core/operator-console/audit-subjects';
import { createWaitingAlerts } from '../../../core/operator-console/waiting-alerts';
import type { Database } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import type { OperatorAction } from '../actions/operator-action';
import { registerAction } from '../actions/register-action';
import { ACTION_LABELS } from '../labels/audit-labels';
import { STEERING_PATH } from './steering-paths';

/** Registers the action that cancels the unsent alerts of a source system. */
export function registerSourceActions(app: FastifyInstance, db: Database): void {
  registerAction(app, db, `${STEERING_PATH}/sources/:code/cancel`, async (request) => {
    const { code } = request.params as { code: string };
    const source = await createWaitingAlerts(db).findSource(code);
    if (!source) throw new Refusal('not_found', 'There is no such source system.');
    return cancelAction(db, { ...source, code });
  });
}

function cancelAction(db: Database, source: { id: number; code: string; title: string }): OperatorAction {
  return {
    auditAction: 'cancel',
    subject: sourceSubject(source.code),
    title: `${ACTION_LABELS.cancel}: ${source.title}`,
    explanation: (
      <p>
        هشدارهایی که هنوز فرستاده نشده‌اند دیگر فرستاده نمی‌شوند و بازگشتی ندارد. مکاتبات در صندوق کارفرمایان
        می‌مانند. آنچه همین اکنون در حال ارسال است، یا پس از این صفحه برسد، لغو نمی‌شود.
      </p>
    ),
    section: 'steering',
    returnPath: STEERING_PATH,
    danger: true,
    async preview() {
      const { last, ...waiting } = await createWaitingAlerts(db).ofSource(source.id);
      const of = 'هشدار که هنوز فرستاده نشده است';
      return last === null
        ? { ...waiting, itemLabel: of, blockedReason: 'چیزی در انتظار ارسال نیست.' }
        : { ...waiting, itemLabel: of, snapshot: last };
    },
    perform(trx, { snapshot }, operator) {
      if (!/^\d{1,18}$/.test(snapshot)) throw new Refusal('invalid_request', 'The form was not made here.');
      return cancelQueuedAlerts(trx, source.id, snapshot, operator);
    },
  };
}
