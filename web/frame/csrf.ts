import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../core/platform/errors';
import type { Visitor } from './session';

/** The field every form of ours carries. */
export const CSRF_FIELD = 'csrf';

/** What a form of this visitor has to carry; `PostForm` does so by itself. */
export const csrfToken = (visitor: Visitor): string => visitor.csrf;

/**
 * The token of whoever holds a cookie. It changes with the cookie, so the forms of an earlier session are
 * worth nothing, and it tells nothing about the cookie.
 */
export const csrfTokenOf = (key: Buffer, cookie: string): string =>
  createHmac('sha256', key).update(cookie).digest('base64url');

/**
 * Lets a form through only if it was made for the visitor who sends it.
 *
 * @throws Refusal `forbidden` for a form that is forged, or was made in an earlier session
 */
export function checkCsrf(request: FastifyRequest, visitor: Visitor): void {
  // Browsers say by themselves where a form was sent from; other programs say nothing.
  const from = request.headers['sec-fetch-site'];
  const given = (request.body as Record<string, unknown> | undefined)?.[CSRF_FIELD];
  if (from === 'cross-site' || typeof given !== 'string' || !isSame(given, visitor.csrf))
    throw new Refusal('forbidden', 'The form was not made for this session.');
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
