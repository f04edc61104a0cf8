import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../core/platform/config';
import type { Database } from '../../core/platform/database';
import { deriveKeys, secretKeysOf } from '../../core/platform/derived-keys';
import { AblaghError } from '../../core/platform/errors';
import { createSessions, type OpenSession } from '../../core/sessions/sessions';
import { checkCsrf, csrfTokensOf } from './csrf';

/** Anybody who looks at a page, signed in or not. */
export interface Visitor {
  /** What their forms have to carry. */
  csrf: string;
  /** What they carry that were made before SECRET_KEY changed. */
  formerCsrf?: string[];
}

/** An employer who is signed in. */
export interface Session extends Visitor, OpenSession {}

declare module 'fastify' {
  interface FastifyRequest {
    /** The opaque token of the visitor's cookie; that of a session is known to PostgreSQL by its hash. */
    visitorToken: string;
    visitor: Visitor | Session | null;
  }
}

/** A page that needs a session was asked for without one: the pages answer with the way to the login. */
export class SignInNeeded extends AblaghError {
  constructor(readonly next: string) {
    super('sign_in_needed', 'Nobody is signed in.');
  }
}

/**
 * The session of a request.
 *
 * @throws SignInNeeded when there is none, which leads to `/login?next=…` and back
 */
export function requireSession(request: FastifyRequest): Session {
  const session = currentSession(request);
  if (session) return session;
  throw new SignInNeeded(isSafeMethod(request) ? request.url : '/inbox');
}

const isSafeMethod = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

/** The session of a request, or null: for pages that everybody may see. */
export function currentSession(request: FastifyRequest): Session | null {
  const { visitor } = request;
  return visitor && 'sessionId' in visitor ? visitor : null;
}

/** Whoever sends a request: for forms that need no session. */
export const visitorOf = (request: FastifyRequest): Visitor => request.visitor as Visitor;

const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43}$/;

export type SessionSettings = Pick<Config<'SECRET_KEY'>, 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS' | 'PUBLIC_URL'>;

/** The name and the attributes of the one cookie; over https no other host can set it. */
function cookieSettings({ PUBLIC_URL }: SessionSettings) {
  const secure = PUBLIC_URL.startsWith('https:');
  return {
    name: secure ? '__Host-ablagh' : 'ablagh',
    attributes: { path: '/', httpOnly: true, sameSite: 'lax', secure } as const,
  };
}

/**
 * Finds out, before anything else of a page, who asks; and lets no form through that was not made for them.
 * A visitor without a cookie gets one, because forms are bound to it.
 */
export function registerVisitorSession(app: FastifyInstance, db: Database, settings: SessionSettings): void {
  const sessions = createSessions(db);
  const formKeys = deriveKeys(secretKeysOf(settings), 'forms');
  const { name } = cookieSettings(settings);
  app.decorateRequest('visitorToken', '');
  app.decorateRequest('visitor', null);
  app.addHook('onRequest', async (request, reply) => {
    const given = request.cookies[name] ?? '';
    const known = TOKEN_PATTERN.test(given);
    const token = known ? given : setVisitorToken(reply, settings);
    const session = known ? await sessions.find(token) : null;
    request.visitorToken = token;
    request.visitor = { ...session, ...csrfTokensOf(formKeys, token) };
  });
  app.addHook('preValidation', async (request) => {
    if (!isSafeMethod(request)) checkCsrf(request, visitorOf(request));
  });
}

/** Gives the visitor a token nobody has: before a login, at a login, and after a logout. */
export function setVisitorToken(
  reply: FastifyReply,
  settings: SessionSettings,
  token = randomBytes(32).toString('base64url'),
): string {
  const { name, attributes } = cookieSettings(settings);
  reply.setCookie(name, token, attributes);
  return token;
}
