import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../core/platform/errors';
import type { Visitor } from './session';

/** The field every form of ours carries. */
export const CSRF_FIELD = 'csrf';

/** What a form of this visitor has to carry; `PostForm` does so by itself. */
export const csrfToken = (visitor: Visitor): string => visitor.csrf;

/**
 * The token of whoever holds a cookie, and those of former keys. It changes with the cookie, so the forms of an
 * earlier session are worth nothing, and it tells nothing about the cookie.
 */
export function csrfTokensOf(keys: readonly [Buffer, ...Buffer[]], cookie: string): Visitor {
  const tokenOf = (key: Buffer) => createHmac('sha256', key).update(cookie).digest('base64url');
  const [key, ...formerKeys] = keys;
  return { csrf: tokenOf(key), formerCsrf: formerKeys.map(tokenOf) };
}

/**
 * Lets a form through only if it was made for the visitor who sends it.
 *
 * @throws Refusal `forbidden` for a form that is forged, or was made in an earlier session
 */
export function checkCsrf(request: FastifyRequest, visitor: Visitor): void {
  // Browsers say by themselves where a form was sent from; other programs say nothing.
  const from = request.headers['sec-fetch-site'];
  const given = (request.body as Record<string, unknown> | undefined)?.[CSRF_FIELD];
  if (from === 'cross-site' || typeof given !== 'string' || !matchesVisitor(given, visitor))
    throw new Refusal('forbidden', 'The form was not made for this session.');
}

const matchesVisitor = (given: string, { csrf, formerCsrf = [] }: Visitor): boolean =>
  [csrf, ...formerCsrf].some((expected) => equalsInConstantTime(given, expected));

function equalsInConstantTime(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
