import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../core/platform/config';
import { deriveKeys, secretKeysOf } from '../../core/platform/derived-keys';
import { csrfTokensOf, type Visitor } from './csrf';

export type SessionSettings = Pick<Config<'SECRET_KEY'>, 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS' | 'PUBLIC_URL'>;

interface CookieTokenOptions {
  name: string;
  /** The prefix of the name over https, with which browsers refuse a cookie that another host tries to set. */
  securePrefix: '__Host-' | '__Secure-';
  path: string;
  sameSite: 'lax' | 'strict';
  /** The purpose of the keys that sign the forms: forms for one cookie are invalid for the other. */
  formKeys: string;
}

const TOKEN_BYTES = 32;
const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43}$/;

const randomToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** A cookie with an opaque token. Forms are bound to the token, and PostgreSQL knows the session of a token by its hash. */
export function createCookieToken(settings: SessionSettings, options: CookieTokenOptions) {
  const secure = settings.PUBLIC_URL.startsWith('https:');
  const name = secure ? `${options.securePrefix}${options.name}` : options.name;
  const attributes = { path: options.path, httpOnly: true, sameSite: options.sameSite, secure };
  const formKeys = deriveKeys(secretKeysOf(settings), options.formKeys);

  /** Gives the browser a token: a new one before a sign-in and after a sign-out, and the session's at a sign-in. */
  function issue(reply: FastifyReply, token = randomToken()): string {
    reply.setCookie(name, token, attributes);
    return token;
  }

  return {
    issue,

    /**
     * Identifies the visitor who sends a request. A browser without a valid cookie gets one, because forms are bound to it.
     *
     * @param findSession finds the session of a token, or null
     */
    async identify<Session extends object>(
      request: FastifyRequest,
      reply: FastifyReply,
      findSession: (token: string) => Promise<Session | null>,
    ): Promise<{ token: string; visitor: Visitor | (Session & Visitor) }> {
      const sent = request.cookies[name] ?? '';
      const isToken = TOKEN_PATTERN.test(sent);
      const token = isToken ? sent : issue(reply);
      const session = isToken ? await findSession(token) : null;
      return { token, visitor: { ...session, ...csrfTokensOf(formKeys, token) } };
    },
  };
}
