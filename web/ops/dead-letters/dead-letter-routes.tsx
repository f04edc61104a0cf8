import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { DeadAlertGroup } from '../../../core/operator-console/audit-subjects';
import {
  createDeadLetters,
  type DeadAlert,
  type RefusedNotice,
} from '../../../core/operator-console/dead-letters';
import { maskFreeText } from '../../../core/operator-console/masking';
import type { Database } from '../../../core/platform/database';
import { toPersianDigits } from '../../../core/text/normalise';
import { sendPage } from '../../ui/send-page';
import { Ltr, When } from '../../ui/text';
import { readActionOutcome } from '../actions/outcome-box';
import { alertStateLabel } from '../labels/alert-labels';
import { ACTION_LABELS } from '../labels/audit-labels';
import {
  alertCause,
  deliveryStatusLabel,
  describeCause,
  refusalCause,
  UNMATCHED_CALLBACK_CAUSE,
} from '../labels/cause-labels';
import { CHANNEL_LABELS } from '../labels/domain-labels';
import { requireOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-dependencies';
import { CALLBACKS_PATH, DEAD_LETTERS_PATH, groupPath, refusalsPath } from './dead-letter-paths';
import { DeadLettersPage } from './dead-letters-page';
import { allowedGroupActions, parseGroup, registerGroupActions } from './group-actions';
import { GroupPage, type GroupPageProps } from './group-page';

const ACKNOWLEDGE_LABEL = ACTION_LABELS['deal-with'];

/**
 * Serves `/ops/dead-letters`: alerts, refusals and delivery reports that ended badly, grouped by cause. Viewers may
 * read all of it.
 */
export const deadLetterRoutes =
  (deps: Pick<OpsDependencies, 'db' | 'config'>): FastifyPluginAsync =>
  async (app) => {
    const { db } = deps;
    const deadLetters = createDeadLetters(db);

    app.get(DEAD_LETTERS_PATH, async (request, reply) => {
      const operator = requireOperator(request);
      const [alerts, refusals, callbacks] = await Promise.all([
        deadLetters.alertGroups(),
        deadLetters.refusalGroups(),
        deadLetters.callbackGroup(),
      ]);
      return sendPage(reply, <DeadLettersPage {...{ operator, alerts, refusals, callbacks }} />);
    });
    registerGroupPage(app, db, `${DEAD_LETTERS_PATH}/alerts/:channel/:state/:cause`, (request) =>
      alertGroup(deadLetters, parseGroup(request)),
    );
    registerGroupPage(app, db, `${DEAD_LETTERS_PATH}/refusals/:code`, (request) =>
      refusalGroup(deadLetters, (request.params as { code: string }).code),
    );
    registerGroupPage(app, db, CALLBACKS_PATH, () => callbackGroup(deadLetters));
    registerGroupActions(app, deps);
  };

type DeadLetters = ReturnType<typeof createDeadLetters>;
type GroupContent = Omit<GroupPageProps, 'operator' | 'outcome'>;

function registerGroupPage(
  app: FastifyInstance,
  db: Database,
  path: string,
  read: (request: FastifyRequest) => Promise<GroupContent>,
): void {
  app.get(path, async (request, reply) => {
    const operator = requireOperator(request);
    const content = await read(request);
    const outcome = await readActionOutcome(db, request);
    return sendPage(reply, <GroupPage {...content} operator={operator} outcome={outcome} />);
  });
}

const alertGroup = async (deadLetters: DeadLetters, group: DeadAlertGroup): Promise<GroupContent> => ({
  title: `${CHANNEL_LABELS[group.channel]}: ${alertStateLabel(group.state)}`,
  code: group.cause,
  explanation: alertCause(group),
  count: await deadLetters.alertGroupSize(group),
  actions: allowedGroupActions(group).map((action) => [
    `${groupPath(group)}/${action}`,
    `${ACTION_LABELS[action]}: همه`,
  ]),
  columns: ['شماره پیگیری', 'سیستم', 'از', 'علت'],
  rows: (await deadLetters.latestAlerts(group)).map((alert) => alertRow(group.cause, alert)),
});

const refusalGroup = async (deadLetters: DeadLetters, code: string): Promise<GroupContent> => ({
  title: code === 'bad_signature' ? 'کار با امضای نادرست' : 'مکاتبه ردشده',
  code,
  explanation: refusalCause(code),
  count: await deadLetters.refusalGroupSize(code),
  actions: [[`${refusalsPath(code)}/deal-with`, `${ACKNOWLEDGE_LABEL}: همه`]],
  columns: ['زمان', 'سیستم', 'کلید', 'شماره مرجع', 'علت'],
  rows: (await deadLetters.latestRefusals(code)).map(refusalRow),
});

const callbackGroup = async (deadLetters: DeadLetters): Promise<GroupContent> => ({
  title: 'گزارش تحویل',
  code: null,
  explanation: UNMATCHED_CALLBACK_CAUSE,
  count: (await deadLetters.callbackGroup())?.count ?? 0,
  actions: [[`${CALLBACKS_PATH}/deal-with`, `${ACKNOWLEDGE_LABEL}: همه`]],
  columns: ['زمان', 'شناسه پیام', 'وضعیت'],
  rows: (await deadLetters.latestCallbacks()).map(({ id, at, providerMessageId, status }) => ({
    key: id,
    cells: [
      <When key={0} at={at} time />,
      <Ltr key={1}>{providerMessageId}</Ltr>,
      `${toPersianDigits(status)} (${deliveryStatusLabel(status)})`,
    ],
  })),
});

const alertRow = (cause: string, alert: DeadAlert) => ({
  key: alert.alertId,
  cells: [
    <a key={0} href={`/ops/notices/${alert.noticeId}`}>
      <Ltr>{toPersianDigits(alert.trackingNumber)}</Ltr>
    </a>,
    alert.sourceTitle,
    <When key={2} at={alert.at} time />,
    alert.reason && <bdi key={3}>{describeCause(cause, maskFreeText(alert.reason))}</bdi>,
  ],
});

const refusalRow = (refused: RefusedNotice) => ({
  key: refused.id,
  cells: [
    <When key={0} at={refused.at} time />,
    refused.sourceTitle ?? <span class="none">ناشناس</span>,
    refused.keyId && <Ltr key={2}>{refused.keyId}</Ltr>,
    refused.reference &&
      (refused.noticeId ? (
        <a key={3} href={`/ops/notices/${refused.noticeId}`}>
          <Ltr>{refused.reference}</Ltr>
        </a>
      ) : (
        <Ltr key={3}>{refused.reference}</Ltr>
      )),
    <bdi key={4}>{maskFreeText(refused.detail)}</bdi>,
  ],
});
