import type { FastifyInstance } from 'fastify';
import { cancelWaiting } from '../../../core/desk/actions/cancel-waiting';
import { sourceSubject } from '../../../core/desk/subjects';
import { createWaiting } from '../../../core/desk/waiting';
import type { Database } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import type { Offer } from '../act/offer';
import { offerRoutes } from '../act/offer-routes';
import { ACTION_WORDS } from '../audit-page';
import { STEERING } from './addresses';

/** Taking back what a source system has not sent yet. */
export function sourceOffers(app: FastifyInstance, db: Database): void {
  offerRoutes(app, db, `${STEERING}/sources/:code/cancel`, async (request) => {
    const { code } = request.params as { code: string };
    const source = await createWaiting(db).source(code);
    if (!source) throw new Refusal('not_found', 'There is no such source system.');
    return cancelOffer(db, { ...source, code });
  });
}

function cancelOffer(db: Database, source: { id: number; code: string; title: string }): Offer {
  return {
    action: 'cancel',
    subject: sourceSubject(source.code),
    title: `${ACTION_WORDS.cancel}: ${source.title}`,
    explanation: (
      <p>
        هشدارهایی که هنوز فرستاده نشده‌اند دیگر فرستاده نمی‌شوند و بازگشتی ندارد. مکاتبات در صندوق کارفرمایان
        می‌مانند. آنچه همین اکنون در حال ارسال است، یا پس از این صفحه برسد، لغو نمی‌شود.
      </p>
    ),
    section: 'steering',
    back: STEERING,
    danger: true,
    async preview() {
      const { last, ...waiting } = await createWaiting(db).ofSource(source.id);
      const of = 'هشدار که هنوز فرستاده نشده است';
      return last === null
        ? { ...waiting, of, obstacle: 'چیزی در انتظار ارسال نیست.' }
        : { ...waiting, of, seen: last };
    },
    work(trx, { seen }, operator) {
      if (!/^\d{1,18}$/.test(seen)) throw new Refusal('invalid_request', 'The form was not made here.');
      return cancelWaiting(trx, source.id, seen, operator);
    },
  };
}
