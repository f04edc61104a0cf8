import type { FastifyInstance, FastifyRequest } from 'fastify';
import { act } from '../../../core/operators/audit';
import type { Database } from '../../../core/platform/database';
import { sendPage } from '../../frame/html';
import { actingOperator, operatorOf } from '../operator-session';
import { faultOfReason, type Offer, readOfferForm } from './offer';
import { OfferPage } from './offer-page';

/**
 * The two routes of an action: GET shows what it will touch, POST does it and leads on to the page that tells
 * what became of it. Viewers may do neither, and that they tried is on the record.
 *
 * @param find the offer a request names; throws Refusal `not_found` when there is no such thing
 */
export function offerRoutes(
  app: FastifyInstance,
  db: Database,
  path: string,
  find: (request: FastifyRequest) => Promise<Offer>,
): void {
  const prepare = async (request: FastifyRequest) => {
    operatorOf(request);
    const offer = await find(request);
    const operator = await actingOperator(request, db, offer.action, offer.subject);
    return { offer, operator, action: request.url.split('?')[0] as string };
  };

  app.get(path, async (request, reply) => {
    const page = await prepare(request);
    const preview = await page.offer.preview();
    return sendPage(reply, <OfferPage {...page} preview={preview} />, preview.obstacle ? 409 : 200);
  });

  // Before the form is looked at: whoever may not send it need not have a right one to be put on the record.
  const onRequest = async (request: FastifyRequest) => {
    if (operatorOf(request).role === 'viewer') await prepare(request);
  };

  app.post(path, { onRequest }, async (request, reply) => {
    const { offer, operator, action } = await prepare(request);
    const form = readOfferForm(request.body, offer.field);
    const faults = {
      reason: faultOfReason(form.reason) ?? undefined,
      value: offer.field?.fault(form.value) ?? undefined,
    };
    if (faults.reason || faults.value) {
      const preview = await offer.preview();
      return sendPage(reply, <OfferPage {...{ operator, offer, preview, action, form, faults }} />, 400);
    }
    const { reason, requestId } = form;
    const requested = { by: operator, action: offer.action, subject: offer.subject, reason, requestId };
    await act(db, requested, (trx) => offer.work(trx, form, operator.name));
    return reply.header('cache-control', 'no-store').redirect(`${offer.back}?done=${requestId}`, 303);
  });
}
