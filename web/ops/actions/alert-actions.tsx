import type { FastifyInstance } from 'fastify';
import { countAsSent, giveUp } from '../../../core/alerts/end-alerts';
import { resendAlerts } from '../../../core/alerts/resend-alerts';
import {
  type ActionableAlert,
  ALERT_ACTIONS,
  type AlertAction,
  allowedActions,
  readActionableAlert,
} from '../../../core/operator-console/alert-actions';
import { alertSubject } from '../../../core/operator-console/audit-subjects';
import { maskAddress, maskFreeText } from '../../../core/operator-console/masking';
import type { Queryable } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { DescriptionList, MessageBox } from '../../ui/content';
import { Address, AlertStateBadge, alertStateLabel } from '../labels/alert-labels';
import { ACTION_LABELS } from '../labels/audit-labels';
import { describeCause } from '../labels/cause-labels';
import { CHANNEL_LABELS } from '../labels/domain-labels';
import type { OpsDependencies } from '../ops-dependencies';
import type { OperatorAction } from './operator-action';
import { registerAction } from './register-action';

interface AlertActionDefinition {
  /** The consequence for one alert; `groupExplanation` gives it for a whole group. */
  explanation: string;
  groupExplanation: string;
  danger?: boolean;
  perform(trx: Queryable, alertIds: string[], operator: string, ttlHours: number): Promise<number>;
}

/** The actions an operator can take on an alert that ended badly, alone or with its whole group. */
export const ALERT_ACTION_DEFINITIONS: Record<AlertAction, AlertActionDefinition> = {
  resend: {
    explanation:
      'هشدار با شماره تلاشی تازه به صف ارسال برمی‌گردد و مهلتی تازه می‌گیرد. تلاش‌های پیش دست‌نخورده می‌مانند.',
    groupExplanation:
      'هر هشدار با شماره تلاشی تازه به صف ارسال برمی‌گردد و مهلتی تازه می‌گیرد. تلاش‌های پیش دست‌نخورده می‌مانند.',
    perform: (trx, ids, _, ttlHours) => resendAlerts(trx, ids, ttlHours),
  },
  'count-as-sent': {
    explanation:
      'اگر ارائه‌دهنده یا گیرنده گفته است که پیام رسیده. دیگر فرستاده نمی‌شود و در رویدادها می‌آید که راهبر تصمیم گرفت.',
    groupExplanation:
      'اگر ارائه‌دهنده گفته است که این پیام‌ها رفته‌اند. دیگر فرستاده نمی‌شوند و در رویدادها می‌آید که راهبر تصمیم گرفت.',
    perform: (trx, ids, operator) => countAsSent(trx, ids, operator),
  },
  'give-up': {
    explanation: 'دیگر فرستاده نمی‌شود و از مانده‌ها بیرون می‌رود. خود مکاتبه در صندوق کارفرما می‌ماند.',
    groupExplanation:
      'دیگر فرستاده نمی‌شوند و از مانده‌ها بیرون می‌روند. خود مکاتبات در صندوق کارفرمایان می‌مانند.',
    danger: true,
    perform: (trx, ids, operator) => giveUp(trx, ids, operator),
  },
};

export const DuplicateWarning = () => (
  <MessageBox tone="caution">
    <p>معلوم نیست پیام پیشین رسیده باشد: گیرنده شاید آن را دو بار بگیرد.</p>
  </MessageBox>
);

/** Registers `/ops/alerts/{id}/…`, the actions on one alert. */
export function registerAlertActions(
  app: FastifyInstance,
  { db, config }: Pick<OpsDependencies, 'db' | 'config'>,
): void {
  for (const action of ALERT_ACTIONS) {
    registerAction(app, db, `/ops/alerts/:id/${action}`, async (request) => {
      const alert = await readActionableAlert(db, (request.params as { id: string }).id);
      if (!alert) throw new Refusal('not_found', 'There is no such alert.');
      return alertAction(alert, action, config.ALERT_TTL_HOURS);
    });
  }
}

function alertAction(alert: ActionableAlert, action: AlertAction, ttlHours: number): OperatorAction {
  const { explanation, danger = false, perform } = ALERT_ACTION_DEFINITIONS[action];
  return {
    auditAction: action,
    subject: alertSubject(alert.id),
    title: ACTION_LABELS[action],
    danger,
    explanation: (
      <>
        <p>{explanation}</p>
        {action === 'resend' && alert.state === 'unknown' && <DuplicateWarning />}
        <AlertSummary alert={alert} />
      </>
    ),
    section: 'find',
    returnPath: `/ops/notices/${alert.noticeId}`,
    preview: async () => ({
      count: 1,
      itemLabel: 'هشدار',
      sample: [alert],
      ...(!allowedActions(alert).includes(action) && { blockedReason: notAllowedNow(alert) }),
    }),
    perform: (trx, _, operator) => perform(trx, [alert.id], operator, ttlHours),
  };
}

const notAllowedNow = ({ state }: ActionableAlert): string =>
  `این کار برای این هشدار اکنون شدنی نیست؛ وضعیت آن: ${alertStateLabel(state)}.`;

const AlertSummary = ({ alert }: { alert: ActionableAlert }) => (
  <DescriptionList
    entries={[
      ['هشدار', CHANNEL_LABELS[alert.channel]],
      ['نشانی', <Address key="address" address={maskAddress(alert.address)} />],
      ['وضعیت', <AlertStateBadge key="state" state={alert.state} />],
      [
        'علت',
        alert.reason && <bdi key="reason">{describeCause(alert.cause, maskFreeText(alert.reason))}</bdi>,
      ],
    ]}
  />
);
