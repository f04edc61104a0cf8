import type { FastifyRequest } from 'fastify';
import { Refusal } from '../core/platform/errors';
import type { Caller, createSourceSystems, Scope } from '../core/sources/source-systems';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request; null on routes that need no key. */
    caller: Caller | null;
  }
}

/** Longer than any key of ours by far: not worth a hash. */
const MAX_KEY_LENGTH = 256;
const BEARER = /^bearer +([\x21-\x7e]+) *$/i;

/**
 * A hook that finds out who is calling. The key is looked up at every request, so that a revoked one is
 * refused from the next request on.
 *
 * @throws Refusal `unauthorized`
 */
export function identifyCaller(sources: Pick<ReturnType<typeof createSourceSystems>, 'authenticate'>) {
  return async (request: FastifyRequest): Promise<void> => {
    const apiKey = bearerToken(request.headers.authorization);
    request.caller = apiKey ? await sources.authenticate(apiKey) : null;
    if (!request.caller) {
      throw new Refusal('unauthorized', 'A valid API key is needed: Authorization: Bearer <apiKey>.');
    }
  };
}

function bearerToken(header: string | undefined): string | null {
  if (!header || header.length > MAX_KEY_LENGTH) return null;
  return BEARER.exec(header)?.[1] ?? null;
}

/** The caller of a request that `identifyCaller` let through. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error('a route that needs a caller lacks the hook that finds one');
  return request.caller;
}

/** A hook that lets only keys of a scope pass. @throws Refusal `forbidden` */
export function requireScope(scope: Scope) {
  return async (request: FastifyRequest): Promise<void> => {
    if (!callerOf(request).scopes.includes(scope)) {
      throw new Refusal('forbidden', `This API key has no scope ${scope}.`);
    }
  };
}
