import { randomBytes } from 'node:crypto';
import { createOperators } from '../../core/operators/operators';
import type { Database } from '../../core/platform/database';
import { deriveKeys } from '../../core/platform/derived-keys';
import { createSourceSystems, SCOPES, type Scope } from '../../core/sources/source-systems';
import { csrfTokensOf } from '../../web/ui/csrf';
import { SECRET_KEY } from '../api/test-api';
import { startOperatorSession } from '../support/operator';
import { startSession } from '../support/visitor';

/** Every kind of caller, from no credentials to all rights. */
export const CALLERS = [
  'nobody',
  'revoked key',
  'wrong scope',
  'other source',
  'source',
  'employer',
  'other employer',
  'viewer',
  'operator',
] as const;
export type CallerKind = (typeof CALLERS)[number];

/** The credentials a caller sends with every request. */
export interface Credentials {
  headers: Record<string, string>;
  /** The CSRF tokens of the caller's forms: on the pages of employers, and on those of operators. */
  csrf: { people: string; operators: string };
  /** The origin that the browser reports; our own page if absent. */
  site?: string;
}

export interface People {
  /** The key of the notice's source system. */
  apiKey: string;
  otherApiKey: string;
  nationalId: string;
  otherNationalId: string;
}

const token = (): string => randomBytes(32).toString('base64url');
const csrfOf = (purpose: string, cookie: string): string =>
  csrfTokensOf(deriveKeys(SECRET_KEY, purpose), cookie).csrf;

/**
 * Makes the credentials of a caller, with a new session each time. A caller without a session comes with a fresh cookie and its
 * CSRF tokens: the refusal must be for the missing rights, not for the form. The key of the wrong scope has every scope but the
 * needed one, and no scope where none is needed.
 */
export async function createCallers(db: Database, people: People) {
  const sources = createSourceSystems(db);
  const revoked = await sources.add('revoked', 'پس‌گرفته');
  await sources.revoke(revoked.keyId);
  const keyWithout = await createKeysWithout(sources);
  const operators = createOperators(db);
  await operators.add('viewer', 'viewer');
  await operators.add('operator', 'operator');

  const keys: Partial<Record<CallerKind, string>> = {
    source: people.apiKey,
    'other source': people.otherApiKey,
    'revoked key': revoked.apiKey,
  };
  const employers: Partial<Record<CallerKind, string>> = {
    employer: people.nationalId,
    'other employer': people.otherNationalId,
  };

  return async (kind: CallerKind, needed: Scope | null = null): Promise<Credentials> => {
    const key = kind === 'wrong scope' ? keyWithout(needed) : keys[kind];
    const nationalId = employers[kind];
    const person = nationalId ? await startSession(db, nationalId) : token();
    const isOperator = kind === 'viewer' || kind === 'operator';
    const operator = isOperator ? await startOperatorSession(db, kind) : token();
    return {
      headers: {
        cookie: `ablagh=${person}; ablagh-ops=${operator}`,
        ...(key && { authorization: `Bearer ${key}` }),
      },
      csrf: { people: csrfOf('forms', person), operators: csrfOf('operators forms', operator) },
    };
  };
}

/** Makes a key without each scope, which has all the others, and one without any. */
async function createKeysWithout(sources: ReturnType<typeof createSourceSystems>) {
  const scopeless = await sources.add('scopeless', 'بی‌اجازه', []);
  const keys = new Map<Scope | null, string>([[null, scopeless.apiKey]]);
  for (const missing of SCOPES) {
    const others = SCOPES.filter((scope) => scope !== missing);
    keys.set(missing, (await sources.add(`without ${missing}`, 'کم‌اجازه', others)).apiKey);
  }
  return (needed: Scope | null) => keys.get(needed);
}
