import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../../core/platform/errors';

/** A person who looks at a page, signed in or not. */
export interface Visitor {
  /** The CSRF token for this visitor's forms. */
  csrf: string;
  /** The CSRF tokens of forms made before SECRET_KEY changed. */
  formerCsrf?: string[];
}

/** The form field of the CSRF token. */
export const CSRF_FIELD = 'csrf';

/** Gives the CSRF token for a visitor's form. `PostForm` adds it by itself. */
export const csrfToken = (visitor: Visitor): string => visitor.csrf;

/**
 * Derives the CSRF tokens of a cookie, one per key, the current key first. A token changes with the cookie, so forms of an earlier
 * session are invalid, and it reveals nothing about the cookie.
 */
export function csrfTokensOf(keys: readonly [Buffer, ...Buffer[]], cookie: string): Visitor {
  const tokenOf = (key: Buffer) => createHmac('sha256', key).update(cookie).digest('base64url');
  const [key, ...formerKeys] = keys;
  return { csrf: tokenOf(key), formerCsrf: formerKeys.map(tokenOf) };
}

/**
 * Rejects forms that were not made for the visitor who sends them, before a handler runs.
 *
 * @throws Refusal `forbidden`, from the requests, for a forged form or one made in an earlier session
 */
export function rejectForgedForms(
  app: FastifyInstance,
  visitorOf: (request: FastifyRequest) => Visitor,
): void {
  app.addHook('preValidation', async (request) => {
    if (!isSafeMethod(request)) checkCsrf(request, visitorOf(request));
  });
}

/** Checks by the method that a request changes nothing. */
export const isSafeMethod = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

function checkCsrf(request: FastifyRequest, visitor: Visitor): void {
  // Browsers send the origin of a form in this header; other programs do not send it.
  const site = request.headers['sec-fetch-site'];
  const token = (request.body as Record<string, unknown> | undefined)?.[CSRF_FIELD];
  if (site === 'cross-site' || typeof token !== 'string' || !matchesVisitor(token, visitor))
    throw new Refusal('forbidden', 'The form was not made for this session.');
}

const matchesVisitor = (token: string, { csrf, formerCsrf = [] }: Visitor): boolean =>
  [csrf, ...formerCsrf].some((expected) => equalsInConstantTime(token, expected));

function equalsInConstantTime(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
