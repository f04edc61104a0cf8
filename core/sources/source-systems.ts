import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '../platform/database';
import { AblaghError } from '../platform/errors';

export const SCOPES = ['notices', 'employers', 'inquiries'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is calling, as an API key proves it. */
export interface Caller {
  keyId: string;
  sourceId: number;
  sourceCode: string;
  scopes: Scope[];
}

export interface IssuedKey {
  code: string;
  keyId: string;
  /** Shown once; only its hash is kept. */
  apiKey: string;
}

export interface SourceSystem {
  code: string;
  title: string;
  createdAt: Date;
  keys: { keyId: string; scopes: Scope[]; createdAt: Date; revokedAt: Date | null }[];
}

/**
 * SHA-256 of an API key, hex: what is kept of it, and the key of queue signatures. A fast hash is right
 * here, because a key is 256 random bits and cannot be guessed.
 */
export const hashApiKey = (apiKey: string): string => createHash('sha256').update(apiKey).digest('hex');

/** The public part of an API key, which names it: `key.secret`. */
export const keyIdOf = (apiKey: string): string => apiKey.split('.', 1)[0] as string;

function generateApiKey(): Pick<IssuedKey, 'keyId' | 'apiKey'> {
  const keyId = `abl_${randomBytes(6).toString('hex')}`;
  return { keyId, apiKey: `${keyId}.${randomBytes(32).toString('base64url')}` };
}

/** The internal systems that may send, and their API keys. */
export function createSourceSystems(db: Queryable) {
  return {
    /** @throws AblaghError `source_exists` */
    async add(code: string, title: string, scopes: Scope[] = ['notices']): Promise<IssuedKey> {
      const { keyId, apiKey } = generateApiKey();
      const added = await db.query(
        `WITH source AS (
           INSERT INTO source_systems (code, title) VALUES ($1, $2) ON CONFLICT (code) DO NOTHING RETURNING id)
         INSERT INTO api_keys (id, source_id, secret_hash, scopes) SELECT $3, id, $4, $5 FROM source RETURNING id`,
        [code, title, keyId, hashApiKey(apiKey), scopes],
      );
      if (added.length === 0)
        throw new AblaghError('source_exists', `There already is a source system ${code}.`);
      return { code, keyId, apiKey };
    },

    /**
     * Gives a source system one more key; those it has go on working, so that it can change over in its own time.
     *
     * @param scopes those of its latest key if absent
     * @throws AblaghError `no_such_source`
     */
    async addKey(code: string, scopes: Scope[] | null = null): Promise<IssuedKey> {
      const { keyId, apiKey } = generateApiKey();
      const added = await db.query(
        `INSERT INTO api_keys (id, source_id, secret_hash, scopes)
         SELECT $2, s.id, $3, coalesce($4::text[],
                  (SELECT scopes FROM api_keys WHERE source_id = s.id ORDER BY created_at DESC, id LIMIT 1))
           FROM source_systems s WHERE s.code = $1 RETURNING id`,
        [code, keyId, hashApiKey(apiKey), scopes],
      );
      if (added.length === 0) throw new AblaghError('no_such_source', `There is no source system ${code}.`);
      return { code, keyId, apiKey };
    },

    async list(): Promise<SourceSystem[]> {
      const rows = await db.query<SourceRow>(
        `SELECT s.code, s.title, s.created_at AS "createdAt",
                coalesce(json_agg(json_build_object('keyId', k.id, 'scopes', k.scopes,
                  'createdAt', k.created_at, 'revokedAt', k.revoked_at) ORDER BY k.created_at), '[]') AS keys
           FROM source_systems s JOIN api_keys k ON k.source_id = s.id GROUP BY s.id ORDER BY s.code`,
      );
      return rows.map(toSourceSystem);
    },

    /** @throws Error when there is no source system of this id */
    async titleOf(sourceId: number): Promise<string> {
      const [source] = await db.query<{ title: string }>('SELECT title FROM source_systems WHERE id = $1', [
        sourceId,
      ]);
      if (!source) throw new Error('there is no such source system');
      return source.title;
    },

    /** Revokes one key, or every key of a source system. Returns the key ids revoked now. */
    async revoke(codeOrKeyId: string): Promise<string[]> {
      const rows = await db.query<{ id: string }>(
        `UPDATE api_keys k SET revoked_at = now() FROM source_systems s
          WHERE s.id = k.source_id AND (s.code = $1 OR k.id = $1) AND k.revoked_at IS NULL RETURNING k.id`,
        [codeOrKeyId],
      );
      return rows.map(({ id }) => id);
    },

    /** Whom a key belongs to, or null for a key that is unknown or revoked. */
    async authenticate(apiKey: string): Promise<Caller | null> {
      const [caller] = await db.query<Caller>(
        `SELECT ${CALLER_SQL} WHERE k.secret_hash = $1 AND k.revoked_at IS NULL`,
        [hashApiKey(apiKey)],
      );
      return caller ?? null;
    },

    /** The callers behind key ids, with the hashes their queue signatures are keyed by. Revoked keys are left out. */
    async byKeyIds(keyIds: string[]): Promise<Map<string, Caller & { secretHash: string }>> {
      const rows = await db.query<Caller & { secretHash: string }>(
        `SELECT k.secret_hash AS "secretHash", ${CALLER_SQL} WHERE k.id = ANY($1) AND k.revoked_at IS NULL`,
        [keyIds],
      );
      return new Map(rows.map((row) => [row.keyId, row]));
    },
  };
}

const CALLER_SQL = `k.id AS "keyId", k.source_id AS "sourceId", s.code AS "sourceCode", k.scopes
                  FROM api_keys k JOIN source_systems s ON s.id = k.source_id`;

/** As `json_agg` gives it: instants in JSON are text. */
interface SourceRow extends Omit<SourceSystem, 'keys'> {
  keys: { keyId: string; scopes: Scope[]; createdAt: string; revokedAt: string | null }[];
}

const toSourceSystem = ({ keys, ...source }: SourceRow): SourceSystem => ({
  ...source,
  keys: keys.map(({ createdAt, revokedAt, ...key }) => ({
    ...key,
    createdAt: new Date(createdAt),
    revokedAt: revokedAt === null ? null : new Date(revokedAt),
  })),
});
