import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Database } from '../../core/platform/database';
import { AblaghError } from '../../core/platform/errors';
import { createSessions, type OpenSession } from '../../core/sessions/sessions';
import { createCookieToken, type SessionSettings } from './cookie-token';
import { isSafeMethod, rejectForgedForms, type Visitor } from './csrf';

/** An employer who is signed in. */
export interface Session extends Visitor, OpenSession {}

declare module 'fastify' {
  interface FastifyRequest {
    /** The opaque token of the visitor's cookie. PostgreSQL knows a session by the token's hash. */
    visitorToken: string;
    visitor: Visitor | Session | null;
  }
}

/** A page that needs a session was requested without one. The pages answer with a redirect to the login. */
export class SignInRequired extends AblaghError {
  constructor(readonly next: string) {
    super('sign_in_needed', 'Nobody is signed in.');
  }
}

/**
 * Returns the session of a request.
 *
 * @throws SignInRequired without a session, which leads to `/login?next=…` and back
 */
export function requireSession(request: FastifyRequest): Session {
  const session = currentSession(request);
  if (session) return session;
  throw new SignInRequired(isSafeMethod(request) ? request.url : '/inbox');
}

/** Returns the session of a request, or null: for pages that every visitor may see. */
export function currentSession(request: FastifyRequest): Session | null {
  const { visitor } = request;
  return visitor && 'sessionId' in visitor ? visitor : null;
}

/** Returns the visitor who sends a request: for forms that need no session. */
export const visitorOf = (request: FastifyRequest): Visitor => request.visitor as Visitor;

/** The cookie of the visitors' pages. */
export const visitorCookie = (settings: SessionSettings) =>
  createCookieToken(settings, {
    name: 'ablagh',
    securePrefix: '__Host-',
    path: '/',
    sameSite: 'lax',
    formKeys: 'forms',
  });

/** Identifies the visitor before any other code of a page runs, and rejects forms that were not made for this visitor. */
export function registerVisitorSession(app: FastifyInstance, db: Database, settings: SessionSettings): void {
  const sessions = createSessions(db);
  const cookie = visitorCookie(settings);
  app.decorateRequest('visitorToken', '');
  app.decorateRequest('visitor', null);
  app.addHook('onRequest', async (request, reply) => {
    const { token, visitor } = await cookie.identify(request, reply, sessions.find);
    request.visitorToken = token;
    request.visitor = visitor;
  });
  rejectForgedForms(app, visitorOf);
}
