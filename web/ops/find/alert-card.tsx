import { allowedActions } from '../../../core/operator-console/alert-actions';
import type { DeadAlertGroup } from '../../../core/operator-console/audit-subjects';
import type { AlertView } from '../../../core/operator-console/operator-notice-view';
import { toPersianDigits } from '../../../core/text/normalise';
import { CardTable } from '../../ui/card-table';
import { ButtonLink, DescriptionList, MessageBox } from '../../ui/content';
import { Ltr, When } from '../../ui/text';
import { Address, AlertStateBadge, ATTEMPT_OUTCOME_LABELS } from '../labels/alert-labels';
import { ACTION_LABELS } from '../labels/audit-labels';
import { alertCause, describeCause } from '../labels/cause-labels';
import { CHANNEL_LABELS, LANE_LABELS } from '../labels/domain-labels';
import type { SignedInOperator } from '../operator-session';

/** One alert with all its attempts and the allowed actions. */
export function AlertCard({ alert, operator }: { alert: AlertView; operator: SignedInOperator }) {
  const id = `alert-${alert.id}`;
  const actions = operator.role === 'operator' ? allowedActions(alert) : [];
  return (
    <article class="card" aria-labelledby={id}>
      <h3 id={id}>
        {alert.text !== null ? 'پیامک آگاهی از استعلام' : `هشدار با ${CHANNEL_LABELS[alert.channel]}`}{' '}
        <AlertStateBadge state={alert.state} />
      </h3>
      <DescriptionList
        entries={[
          ['نشانی', <Address key="address" address={alert.address} />],
          ['اولویت', LANE_LABELS[alert.lane]],
          ['علت', alert.reason && <bdi key="reason">{describeCause(causeCode(alert), alert.reason)}</bdi>],
          ['متن', alert.text && <bdi key="text">{alert.text}</bdi>],
          ['پذیرش ارائه‌دهنده', alert.sentAt && <When key="sent" at={alert.sentAt} time />],
          ['مهلت ارسال', <When key="expires" at={alert.expiresAt} time />],
          ['شماره هشدار', <Ltr key="id">{toPersianDigits(alert.id)}</Ltr>],
        ]}
      />
      <Remedy alert={alert} />
      {alert.attempts.length > 0 ? (
        <Attempts alert={alert} labelledBy={id} />
      ) : (
        <p class="none">هنوز تلاشی ثبت نشده است.</p>
      )}
      {actions.length > 0 && (
        <div class="actions">
          {actions.map((action) => (
            <ButtonLink key={action} href={`/ops/alerts/${alert.id}/${action}`} kind="quiet">
              {ACTION_LABELS[action]}
            </ButtonLink>
          ))}
        </div>
      )}
    </article>
  );
}

/** Returns the code behind the alert's reason: the cause of a bad end, or else the code of the attempt that gave the reason. */
const causeCode = ({ cause, reason, attempts }: AlertView): string | null | undefined =>
  cause ?? attempts.findLast(({ detail }) => detail && reason?.startsWith(detail))?.code;

/** The meaning of the cause of a bad end, and the remedy. */
function Remedy({ alert: { state, cause } }: { alert: AlertView }) {
  if (cause === null) return null;
  const { meaning, remedy } = alertCause({ state: state as DeadAlertGroup['state'], cause });
  return (
    <MessageBox tone="caution">
      <p>{meaning}</p>
      <p>{remedy}</p>
    </MessageBox>
  );
}

const Attempts = ({ alert, labelledBy }: { alert: AlertView; labelledBy: string }) => (
  <CardTable
    labelledBy={labelledBy}
    columns={['تلاش', 'زمان', 'خط', 'نتیجه', 'کد', 'گفته ارائه‌دهنده', 'شناسه پیام', 'هزینه (ریال)']}
    rows={alert.attempts.map((attempt) => ({
      key: attempt.id,
      cells: [
        <Ltr key={0}>{toPersianDigits(attempt.id)}</Ltr>,
        <When key={1} at={attempt.at} time />,
        <Ltr key={2}>{attempt.provider}</Ltr>,
        ATTEMPT_OUTCOME_LABELS[attempt.outcome],
        attempt.code && <Ltr key={4}>{attempt.code}</Ltr>,
        attempt.detail && (
          <ProviderMessage
            key={5}
            code={attempt.code}
            detail={attempt.detail}
            verbatim={alert.channel === 'email'}
          />
        ),
        attempt.providerMessageId && <Ltr key={6}>{attempt.providerMessageId}</Ltr>,
        attempt.cost !== null && toPersianDigits(attempt.cost),
      ],
    }))}
  />
);

/** The provider's message in Persian. A mail server's code says little, so its own text stands beside the translation. */
function ProviderMessage({
  code,
  detail,
  verbatim,
}: {
  code: string | null;
  detail: string;
  verbatim: boolean;
}) {
  const translation = describeCause(code, detail);
  return (
    <>
      <bdi>{translation}</bdi>
      {verbatim && translation !== detail && (
        <>
          {' '}
          <small class="none">
            <q lang="en" dir="ltr">
              {detail}
            </q>
          </small>
        </>
      )}
    </>
  );
}
