import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Action, createAudit } from '../../core/operators/audit';
import { createOperatorSessions } from '../../core/operators/operator-sessions';
import type { Operator } from '../../core/operators/operators';
import type { Database } from '../../core/platform/database';
import { AblaghError, Refusal } from '../../core/platform/errors';
import { createCookieToken, type SessionSettings } from '../ui/cookie-token';
import { rejectForgedForms, type Visitor } from '../ui/csrf';

/** An operator or viewer who is signed in. */
export interface SignedInOperator extends Visitor, Operator {}

declare module 'fastify' {
  interface FastifyRequest {
    /** The opaque token of the cookie of the operators' pages. */
    operatorToken: string;
    operator: Visitor | SignedInOperator | null;
  }
}

/** A page of the operators was requested without a session. */
export class OperatorSignInRequired extends AblaghError {
  constructor() {
    super('sign_in_needed', 'No operator is signed in.');
  }
}

/** The cookie of the operators' pages. Browsers send it to these pages only. */
export const operatorCookie = (settings: SessionSettings) =>
  createCookieToken(settings, {
    name: 'ablagh-ops',
    securePrefix: '__Secure-',
    path: '/ops',
    sameSite: 'strict',
    formKeys: 'operators forms',
  });

/** Identifies the operator before any other code of a page runs. */
export function registerOperatorSession(app: FastifyInstance, db: Database, settings: SessionSettings): void {
  const sessions = createOperatorSessions(db);
  const cookie = operatorCookie(settings);
  app.decorateRequest('operatorToken', '');
  app.decorateRequest('operator', null);
  app.addHook('onRequest', async (request, reply) => {
    const { token, visitor } = await cookie.identify(request, reply, sessions.find);
    request.operatorToken = token;
    request.operator = visitor;
  });
}

/** Rejects forms that were not made for the operator who sends them. The queue board is left out: its calls are not forms. */
export const rejectForgedOperatorForms = (app: FastifyInstance): void =>
  rejectForgedForms(app, ({ operator }) => operator as Visitor);

/** Returns the viewer or operator who is signed in, or null. */
export function signedInOperator({ operator }: FastifyRequest): SignedInOperator | null {
  return operator && 'role' in operator ? operator : null;
}

/** @throws OperatorSignInRequired without a session, which leads to the sign-in page */
export function requireOperator(request: FastifyRequest): SignedInOperator {
  const operator = signedInOperator(request);
  if (operator) return operator;
  throw new OperatorSignInRequired();
}

/**
 * Returns the operator who may perform an action. The attempt of a viewer is recorded in the audit.
 *
 * @throws Refusal `forbidden` for a viewer
 */
export async function authorizeAction(
  request: FastifyRequest,
  db: Database,
  action: Action,
  subject: string,
): Promise<SignedInOperator> {
  const operator = requireOperator(request);
  if (operator.role === 'operator') return operator;
  const { name, role } = operator;
  const attempt = { operator: name, role, action, subject, reason: null, touched: 0 };
  await createAudit(db).record({ ...attempt, outcome: 'refused' });
  throw new Refusal('forbidden', 'Viewers may look, and change nothing.');
}
