import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createLines, type LineState } from '../../../core/channels/lines';
import { lineSubject } from '../../../core/operator-console/audit-subjects';
import { changeRate } from '../../../core/operator-console/steer-lanes';
import { createWaitingAlerts } from '../../../core/operator-console/waiting-alerts';
import type { Database } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { LANES, sendQueue } from '../../../core/platform/queues';
import { normaliseInput } from '../../../core/text/normalise';
import type { OperatorAction } from '../actions/operator-action';
import { registerAction } from '../actions/register-action';
import { ACTION_LABELS } from '../labels/audit-labels';
import { describeCause } from '../labels/cause-labels';
import { STEERING_PATH } from './steering-paths';

const MAX_MESSAGES_PER_SECOND = 100_000;

/** Registers the actions that open a line and change its rate. */
export function registerLineActions(app: FastifyInstance, db: Database): void {
  const lineOf = async (request: FastifyRequest): Promise<LineState> => {
    const { name } = request.params as { name: string };
    const line = (await createLines(db).list()).find((each) => each.name === name);
    if (line) return line;
    throw new Refusal('not_found', 'There is no such line.');
  };
  registerAction(app, db, `${STEERING_PATH}/lines/:name/open`, async (request) =>
    openLineAction(db, await lineOf(request)),
  );
  registerAction(app, db, `${STEERING_PATH}/lines/:name/rate`, async (request) =>
    changeRateAction(db, await lineOf(request)),
  );
}

const waitingFor = (db: Database, { channel }: LineState) =>
  createWaitingAlerts(db).inQueues(LANES.map((lane) => sendQueue(channel, lane)));

function openLineAction(db: Database, line: LineState): OperatorAction {
  return {
    auditAction: 'open-line',
    subject: lineSubject(line.name),
    title: `${ACTION_LABELS['open-line']} ${line.name}`,
    explanation: (
      <p>
        پس از برطرف شدن علت نزد ارائه‌دهنده. هشدارهای منتظر به نوبت فرستاده می‌شوند؛ اگر ارائه‌دهنده باز رد کند،
        خط دوباره بسته می‌شود.
        {line.reason && (
          <>
            {' '}
            علت بسته شدن: <bdi>{describeCause(line.code, line.reason)}</bdi>
          </>
        )}
      </p>
    ),
    section: 'steering',
    returnPath: STEERING_PATH,
    preview: async () => ({
      ...(await waitingFor(db, line)),
      itemLabel: 'هشدار که اکنون منتظر است',
      ...(line.state === 'open' && !line.brokenUntil && { blockedReason: 'این خط باز است.' }),
    }),
    perform: async (trx) => ((await createLines(trx).open(line.name)) ? 1 : 0),
  };
}

/** Parses a rate in messages per second. @returns null for no limit (empty text), undefined for an invalid rate */
function parseRate(text: string): number | null | undefined {
  const digits = normaliseInput(text).replace(/[٬,\s]/g, '');
  if (digits === '') return null;
  const rate = /^\d{1,6}$/.test(digits) ? Number(digits) : 0;
  return rate >= 1 && rate <= MAX_MESSAGES_PER_SECOND ? rate : undefined;
}

const rateText = (rate: number | null): string => (rate === null ? '' : String(rate));

function changeRateAction(db: Database, line: LineState): OperatorAction {
  return {
    auditAction: 'change-rate',
    subject: lineSubject(line.name),
    title: `${ACTION_LABELS['change-rate']} ${line.name}`,
    explanation: (
      <p>همه کارگرها از این پس با هم بیش از این نمی‌فرستند؛ یک پنجم آن برای هشدارهای فوری می‌ماند.</p>
    ),
    section: 'steering',
    returnPath: STEERING_PATH,
    field: {
      name: 'perSecond',
      label: 'پیام در ثانیه',
      hint: 'از ۱ تا ۱۰۰٬۰۰۰؛ خالی یعنی بی‌حد.',
      value: rateText(line.perSecond),
      validate: (text) => (parseRate(text) === undefined ? 'عددی از ۱ تا ۱۰۰٬۰۰۰ بنویسید.' : null),
    },
    preview: async () => ({
      ...(await waitingFor(db, line)),
      itemLabel: 'هشدار که اکنون منتظر است',
      snapshot: rateText(line.perSecond),
    }),
    perform: (trx, { snapshot, value }) =>
      changeRate(trx, line.name, parseRate(snapshot) ?? null, parseRate(value) ?? null),
  };
}
