import type { FastifyPluginAsync } from 'fastify';
import { createDeadLetters, type DeadAlert, type RefusedLetter } from '../../../core/desk/dead-letters';
import { maskWithin } from '../../../core/desk/masking';
import { toPersianDigits } from '../../../core/text/normalise';
import { sendPage } from '../../frame/html';
import { Ltr, When } from '../../frame/text';
import { outcomeOf } from '../act/outcome-box';
import { ACTION_WORDS } from '../audit-page';
import { alertStateName } from '../find/alert-words';
import { operatorOf } from '../operator-session';
import type { OpsDependencies } from '../ops-routes';
import { CHANNEL } from '../status/words';
import { CALLBACKS_ADDRESS, DEAD_LETTERS, groupAddress, refusalsAddress } from './addresses';
import { alertCause, CALLBACK_WORDS, inWords, refusalCause, statusName } from './cause-words';
import { groupChoices, groupOf, groupOffers } from './group-offers';
import { GroupPage } from './group-page';
import { ListPage } from './list-page';

const DEAL_WITH = ACTION_WORDS['deal-with'];

/** `/ops/dead-letters`: what ended badly, grouped by cause; viewers may look at all of it. */
export const deadLetterRoutes =
  (deps: Pick<OpsDependencies, 'db' | 'config'>): FastifyPluginAsync =>
  async (app) => {
    const { db } = deps;
    const letters = createDeadLetters(db);

    app.get(DEAD_LETTERS, async (request, reply) => {
      const operator = operatorOf(request);
      const [alerts, refusals, callbacks] = await Promise.all([
        letters.alertGroups(),
        letters.refusalGroups(),
        letters.callbacks(),
      ]);
      return sendPage(reply, <ListPage {...{ operator, alerts, refusals, callbacks }} />);
    });

    app.get(`${DEAD_LETTERS}/alerts/:channel/:state/:cause`, async (request, reply) => {
      const operator = operatorOf(request);
      const group = groupOf(request);
      return sendPage(
        reply,
        <GroupPage
          operator={operator}
          outcome={await outcomeOf(db, request)}
          title={`${CHANNEL[group.channel]}: ${alertStateName(group.state)}`}
          code={group.cause}
          words={alertCause(group)}
          count={await letters.sizeOf(group)}
          actions={groupChoices(group).map((choice) => [
            `${groupAddress(group)}/${choice}`,
            `${ACTION_WORDS[choice]}: همه`,
          ])}
          columns={['شماره پیگیری', 'سیستم', 'از', 'علت']}
          rows={(await letters.alertsOf(group)).map((alert) => alertRow(group.cause, alert))}
        />,
      );
    });

    app.get(`${DEAD_LETTERS}/refusals/:code`, async (request, reply) => {
      const operator = operatorOf(request);
      const { code } = request.params as { code: string };
      return sendPage(
        reply,
        <GroupPage
          operator={operator}
          outcome={await outcomeOf(db, request)}
          title={code === 'bad_signature' ? 'کار با امضای نادرست' : 'مکاتبه ردشده'}
          code={code}
          words={refusalCause(code)}
          count={await letters.sizeOfRefusals(code)}
          actions={[[`${refusalsAddress(code)}/deal-with`, `${DEAL_WITH}: همه`]]}
          columns={['زمان', 'سیستم', 'کلید', 'شماره مرجع', 'علت']}
          rows={(await letters.refusalsOf(code)).map(refusalRow)}
        />,
      );
    });

    app.get(CALLBACKS_ADDRESS, async (request, reply) => {
      const operator = operatorOf(request);
      return sendPage(
        reply,
        <GroupPage
          operator={operator}
          outcome={await outcomeOf(db, request)}
          title="گزارش تحویل"
          code={null}
          words={CALLBACK_WORDS}
          count={(await letters.callbacks())?.count ?? 0}
          actions={[[`${CALLBACKS_ADDRESS}/deal-with`, `${DEAL_WITH}: همه`]]}
          columns={['زمان', 'شناسه پیام', 'وضعیت']}
          rows={(await letters.latestCallbacks()).map(({ id, at, providerMessageId, status }) => ({
            key: id,
            cells: [
              <When key={0} at={at} time />,
              <Ltr key={1}>{providerMessageId}</Ltr>,
              `${toPersianDigits(status)} (${statusName(status)})`,
            ],
          }))}
        />,
      );
    });

    groupOffers(app, deps);
  };

const alertRow = (cause: string, alert: DeadAlert) => ({
  key: alert.alertId,
  cells: [
    <a key={0} href={`/ops/notices/${alert.noticeId}`}>
      <Ltr>{toPersianDigits(alert.trackingNumber)}</Ltr>
    </a>,
    alert.sourceTitle,
    <When key={2} at={alert.at} time />,
    alert.reason && <bdi key={3}>{inWords(cause, maskWithin(alert.reason))}</bdi>,
  ],
});

const refusalRow = (refused: RefusedLetter) => ({
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
    <bdi key={4}>{maskWithin(refused.detail)}</bdi>,
  ],
});
