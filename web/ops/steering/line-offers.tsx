import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createLines, type LineState } from '../../../core/channels/lines';
import { changeRate } from '../../../core/desk/actions/steer-lanes';
import { lineSubject } from '../../../core/desk/subjects';
import { createWaiting } from '../../../core/desk/waiting';
import type { Database } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { LANES, sendQueue } from '../../../core/platform/queues';
import { normaliseInput } from '../../../core/text/normalise';
import type { Offer } from '../act/offer';
import { offerRoutes } from '../act/offer-routes';
import { ACTION_WORDS } from '../audit-page';
import { inWords } from '../dead-letters/cause-words';
import { STEERING } from './addresses';

const FASTEST = 100_000;

/** Opening a line, and changing its rate. */
export function lineOffers(app: FastifyInstance, db: Database): void {
  const lineOf = async (request: FastifyRequest): Promise<LineState> => {
    const { name } = request.params as { name: string };
    const line = (await createLines(db).list()).find((one) => one.name === name);
    if (line) return line;
    throw new Refusal('not_found', 'There is no such line.');
  };
  offerRoutes(app, db, `${STEERING}/lines/:name/open`, async (request) =>
    openOffer(db, await lineOf(request)),
  );
  offerRoutes(app, db, `${STEERING}/lines/:name/rate`, async (request) =>
    rateOffer(db, await lineOf(request)),
  );
}

const waitingFor = (db: Database, { channel }: LineState) =>
  createWaiting(db).in(LANES.map((lane) => sendQueue(channel, lane)));

function openOffer(db: Database, line: LineState): Offer {
  return {
    action: 'open-line',
    subject: lineSubject(line.name),
    title: `${ACTION_WORDS['open-line']} ${line.name}`,
    explanation: (
      <p>
        پس از برطرف شدن علت نزد ارائه‌دهنده. هشدارهای منتظر به نوبت فرستاده می‌شوند؛ اگر ارائه‌دهنده باز رد کند،
        خط دوباره بسته می‌شود.
        {line.reason && (
          <>
            {' '}
            علت بسته شدن: <bdi>{inWords(line.code, line.reason)}</bdi>
          </>
        )}
      </p>
    ),
    section: 'steering',
    back: STEERING,
    preview: async () => ({
      ...(await waitingFor(db, line)),
      of: 'هشدار که اکنون منتظر است',
      ...(line.state === 'open' && !line.brokenUntil && { obstacle: 'این خط باز است.' }),
    }),
    work: async (trx) => ((await createLines(trx).open(line.name)) ? 1 : 0),
  };
}

/** Empty for no limit. @returns undefined for what is no rate */
function readRate(text: string): number | null | undefined {
  const digits = normaliseInput(text).replace(/[٬,\s]/g, '');
  if (digits === '') return null;
  const rate = /^\d{1,6}$/.test(digits) ? Number(digits) : 0;
  return rate >= 1 && rate <= FASTEST ? rate : undefined;
}

const shown = (rate: number | null): string => (rate === null ? '' : String(rate));

function rateOffer(db: Database, line: LineState): Offer {
  return {
    action: 'change-rate',
    subject: lineSubject(line.name),
    title: `${ACTION_WORDS['change-rate']} ${line.name}`,
    explanation: (
      <p>همه کارگرها از این پس با هم بیش از این نمی‌فرستند؛ یک پنجم آن برای هشدارهای فوری می‌ماند.</p>
    ),
    section: 'steering',
    back: STEERING,
    field: {
      name: 'perSecond',
      label: 'پیام در ثانیه',
      hint: 'از ۱ تا ۱۰۰٬۰۰۰؛ خالی یعنی بی‌حد.',
      value: shown(line.perSecond),
      fault: (text) => (readRate(text) === undefined ? 'عددی از ۱ تا ۱۰۰٬۰۰۰ بنویسید.' : null),
    },
    preview: async () => ({
      ...(await waitingFor(db, line)),
      of: 'هشدار که اکنون منتظر است',
      seen: shown(line.perSecond),
    }),
    work: (trx, { seen, value }) =>
      changeRate(trx, line.name, readRate(seen) ?? null, readRate(value) ?? null),
  };
}
