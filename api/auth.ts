import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../core/platform/errors';
import {
  type Caller,
  type createSourceSystems,
  hashApiKey,
  type Scope,
} from '../core/sources/source-systems';
import { createKeyGuesses } from './key-guesses';

declare module 'fastify' {
  interface FastifyRequest {
    /** The source system behind the request; null on routes that need no key. */
    caller: Caller | null;
  }
}

/** A header longer than this holds no API key and is not hashed. */
const MAX_KEY_LENGTH = 256;
const BEARER_PATTERN = /^bearer +([\x21-\x7e]+) *$/i;

/**
 * Creates the hook that identifies the caller. The key is looked up at every request, so that a revoked key is refused from the
 * next request on.
 *
 * @throws Refusal `unauthorized`; `rate_limited` for a key that is not looked up, because too many keys from its address were wrong
 */
export function identifyCaller(sources: Pick<ReturnType<typeof createSourceSystems>, 'authenticate'>) {
  const guesses = createKeyGuesses();
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const apiKey = bearerToken(request.headers.authorization);
    if (!apiKey) throw unauthorized();
    const keyHash = hashApiKey(apiKey);
    const wait = guesses.retryAfterSeconds(request.ip, keyHash);
    if (wait > 0) {
      reply.header('retry-after', wait);
      throw new Refusal('rate_limited', 'Too many wrong API keys came from this address.');
    }
    request.caller = await sources.authenticate(apiKey);
    if (request.caller) return guesses.recordRight(keyHash);
    guesses.recordWrong(request.ip);
    throw unauthorized();
  };
}

const unauthorized = () =>
  new Refusal('unauthorized', 'A valid API key is needed: Authorization: Bearer <apiKey>.');

function bearerToken(header: string | undefined): string | null {
  if (!header || header.length > MAX_KEY_LENGTH) return null;
  return BEARER_PATTERN.exec(header)?.[1] ?? null;
}

/** Gives the caller of a request that passed `identifyCaller`. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error('a route that needs a caller lacks the hook that finds one');
  return request.caller;
}

/** Creates the hook that refuses keys without the scope. @throws Refusal `forbidden` */
export function requireScope(scope: Scope) {
  return async (request: FastifyRequest): Promise<void> => {
    if (!callerOf(request).scopes.includes(scope)) {
      throw new Refusal('forbidden', `This API key has no scope ${scope}.`);
    }
  };
}
