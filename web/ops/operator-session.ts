import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Action, createAudit } from '../../core/operators/audit';
import { createOperatorSessions } from '../../core/operators/operator-sessions';
import type { Operator } from '../../core/operators/operators';
import type { Database } from '../../core/platform/database';
import { deriveKeys, secretKeysOf } from '../../core/platform/derived-keys';
import { AblaghError, Refusal } from '../../core/platform/errors';
import { checkCsrf, csrfTokensOf } from '../ui/csrf';
import type { SessionSettings, Visitor } from '../ui/session';

/** An operator or viewer who is signed in, with what their forms have to carry. */
export interface SignedInOperator extends Visitor, Operator {}

declare module 'fastify' {
  interface FastifyRequest {
    /** The opaque token of the cookie of the operators' pages. */
    operatorToken: string;
    operator: Visitor | SignedInOperator | null;
  }
}

/** A page of the operators was asked for without a session. */
export class OperatorSignInRequired extends AblaghError {
  constructor() {
    super('sign_in_needed', 'No operator is signed in.');
  }
}

const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43}$/;

/** Sent to the operators' pages only; over https no other host can set it. */
function operatorCookie({ PUBLIC_URL }: SessionSettings) {
  const secure = PUBLIC_URL.startsWith('https:');
  return {
    name: secure ? '__Secure-ablagh-ops' : 'ablagh-ops',
    attributes: { path: '/ops', httpOnly: true, sameSite: 'strict', secure } as const,
  };
}

/** Finds out which operator asks, and lets no form through that was not made for them. */
export function registerOperatorSession(app: FastifyInstance, db: Database, settings: SessionSettings): void {
  const sessions = createOperatorSessions(db);
  const formKeys = deriveKeys(secretKeysOf(settings), 'operators forms');
  const { name } = operatorCookie(settings);
  app.decorateRequest('operatorToken', '');
  app.decorateRequest('operator', null);
  app.addHook('onRequest', async (request, reply) => {
    const given = request.cookies[name] ?? '';
    const known = TOKEN_PATTERN.test(given);
    const token = known ? given : setOperatorToken(reply, settings);
    const operator = known ? await sessions.find(token) : null;
    request.operatorToken = token;
    request.operator = { ...operator, ...csrfTokensOf(formKeys, token) };
  });
}

/** For forms: only those made for whoever sends them. Not for the queue board, whose calls are no forms. */
export function refuseForgedForms(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      checkCsrf(request, request.operator as Visitor);
  });
}

/** Gives the browser a token nobody has: before a sign-in, at it, and after a sign-out. */
export function setOperatorToken(
  reply: FastifyReply,
  settings: SessionSettings,
  token = randomBytes(32).toString('base64url'),
): string {
  const { name, attributes } = operatorCookie(settings);
  reply.setCookie(name, token, attributes);
  return token;
}

/** Who is signed in, viewer or operator; null when nobody is. */
export function signedInOperator({ operator }: FastifyRequest): SignedInOperator | null {
  return operator && 'role' in operator ? operator : null;
}

/** @throws OperatorSignInNeeded which leads to the sign-in page */
export function requireOperator(request: FastifyRequest): SignedInOperator {
  const operator = signedInOperator(request);
  if (operator) return operator;
  throw new OperatorSignInRequired();
}

/**
 * Whoever may do this: viewers may not, and that they tried is put on the record.
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
  const tried = { operator: name, role, action, subject, reason: null, touched: 0 };
  await createAudit(db).record({ ...tried, outcome: 'refused' });
  throw new Refusal('forbidden', 'Viewers may look, and change nothing.');
}
