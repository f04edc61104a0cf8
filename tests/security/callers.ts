import { randomBytes } from 'node:crypto';
import { createOperators } from '../../core/operators/operators';
import type { Database } from '../../core/platform/database';
import { deriveKeys } from '../../core/platform/derived-keys';
import { createSourceSystems, SCOPES, type Scope } from '../../core/sources/source-systems';
import { csrfTokensOf } from '../../web/ui/csrf';
import { SECRET_KEY } from '../api/test-api';
import { startOperatorSession } from '../support/operator';
import { startSession } from '../support/visitor';

/** Everybody there is, from nobody to who may do most. */
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

/** What a caller sends with every request. */
export interface Credentials {
  headers: Record<string, string>;
  /** What forms carry that were made for this caller: those of employers, and those of operators. */
  csrf: { people: string; operators: string };
  /** Where its browser says that a request comes from; from a page of ours if absent. */
  site?: string;
}

export interface People {
  /** The key of the source the notice is from. */
  apiKey: string;
  otherApiKey: string;
  nationalId: string;
  otherNationalId: string;
}

const token = (): string => randomBytes(32).toString('base64url');
const csrfOf = (purpose: string, cookie: string): string =>
  csrfTokensOf(deriveKeys(SECRET_KEY, purpose), cookie).csrf;

/**
 * Makes the credentials of a caller, with a session of their own each time. Whoever has none for a door comes with
 * a fresh cookie and the forms that belong to it: what stops them is who they are, not a form. The key of the wrong
 * scope has every scope but the one that is needed; none at all where none is.
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

/** Makes a key for every scope there is, which has all others, and one that has none. */
async function createKeysWithout(sources: ReturnType<typeof createSourceSystems>) {
  const scopeless = await sources.add('scopeless', 'بی‌اجازه', []);
  const keys = new Map<Scope | null, string>([[null, scopeless.apiKey]]);
  for (const missing of SCOPES) {
    const others = SCOPES.filter((scope) => scope !== missing);
    keys.set(missing, (await sources.add(`without ${missing}`, 'کم‌اجازه', others)).apiKey);
  }
  return (needed: Scope | null) => keys.get(needed);
}
