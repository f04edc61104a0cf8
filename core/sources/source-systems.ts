import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '../platform/database';
import { AblaghError } from '../platform/errors';
import { statement } from '../platform/statement';

export const SCOPES = ['notices', 'employers', 'inquiries'] as const;
export type Scope = (typeof SCOPES)[number];

/** The source system behind a request, proven by an API key. */
export interface Caller {
  keyId: string;
  sourceId: number;
  sourceCode: string;
  scopes: Scope[];
}

export interface IssuedKey {
  code: string;
  keyId: string;
  /** The secret, shown once; only its hash is kept. */
  apiKey: string;
}

export interface SourceSystem {
  code: string;
  title: string;
  createdAt: Date;
  keys: { keyId: string; scopes: Scope[]; createdAt: Date; revokedAt: Date | null }[];
}

/**
 * Hashes an API key with SHA-256, in hex: the only form that is stored, and the key of queue signatures. A fast hash is right here,
 * because a key is 256 random bits and cannot be guessed.
 */
export const hashApiKey = (apiKey: string): string => createHash('sha256').update(apiKey).digest('hex');

/** Gives the public part of an API key, its id: `id.secret`. */
export const keyIdOf = (apiKey: string): string => apiKey.split('.', 1)[0] as string;

function generateApiKey(): Pick<IssuedKey, 'keyId' | 'apiKey'> {
  const keyId = `abl_${randomBytes(6).toString('hex')}`;
  return { keyId, apiKey: `${keyId}.${randomBytes(32).toString('base64url')}` };
}

/** As `json_agg` gives it: instants in JSON are text. */
interface SourceRow extends Omit<SourceSystem, 'keys'> {
  keys: { keyId: string; scopes: Scope[]; createdAt: string; revokedAt: string | null }[];
}

const CALLER_SQL = `k.id AS "keyId", k.source_id AS "sourceId", s.code AS "sourceCode", k.scopes
                      FROM api_keys k JOIN source_systems s ON s.id = k.source_id`;
const CALLER_COLUMNS = { keyId: 'text', sourceId: 'int4', sourceCode: 'text', scopes: 'text[]' } as const;

const ADD_SOURCE = statement<{ id: string }>(
  'add-source-system',
  `WITH source AS (
     INSERT INTO source_systems (code, title) VALUES (:code, :title) ON CONFLICT (code) DO NOTHING RETURNING id)
   INSERT INTO api_keys (id, source_id, secret_hash, scopes)
   SELECT :keyId, id, :secretHash, :scopes FROM source RETURNING id`,
  { id: 'text' },
);

const ADD_KEY = statement<{ id: string }>(
  'add-api-key',
  `INSERT INTO api_keys (id, source_id, secret_hash, scopes)
   SELECT :keyId, s.id, :secretHash, coalesce(:scopes::text[],
            (SELECT scopes FROM api_keys WHERE source_id = s.id ORDER BY created_at DESC, id LIMIT 1))
     FROM source_systems s WHERE s.code = :code RETURNING id`,
  { id: 'text' },
);

const LIST_SOURCES = statement<SourceRow>(
  'list-source-systems',
  `SELECT s.code, s.title, s.created_at AS "createdAt",
          coalesce(json_agg(json_build_object('keyId', k.id, 'scopes', k.scopes,
            'createdAt', k.created_at, 'revokedAt', k.revoked_at) ORDER BY k.created_at), '[]') AS keys
     FROM source_systems s JOIN api_keys k ON k.source_id = s.id GROUP BY s.id ORDER BY s.code`,
  { code: 'text', title: 'text', createdAt: 'timestamptz', keys: 'json' },
);

const READ_SOURCE_TITLE = statement<{ title: string }>(
  'read-source-title',
  'SELECT title FROM source_systems WHERE id = :sourceId',
  { title: 'text' },
);

const REVOKE_KEYS = statement<{ id: string }>(
  'revoke-api-keys',
  `UPDATE api_keys k SET revoked_at = now() FROM source_systems s
    WHERE s.id = k.source_id AND (s.code = :codeOrKeyId OR k.id = :codeOrKeyId) AND k.revoked_at IS NULL
    RETURNING k.id`,
  { id: 'text' },
);

const AUTHENTICATE = statement<Caller>(
  'authenticate-api-key',
  `SELECT ${CALLER_SQL} WHERE k.secret_hash = :secretHash AND k.revoked_at IS NULL`,
  CALLER_COLUMNS,
);

const READ_CALLERS = statement<Caller & { secretHash: string }>(
  'read-callers-of-keys',
  `SELECT k.secret_hash AS "secretHash", ${CALLER_SQL} WHERE k.id = ANY(:keyIds) AND k.revoked_at IS NULL`,
  { secretHash: 'text', ...CALLER_COLUMNS },
);

/** The internal systems that may send notices, and their API keys. */
export function createSourceSystems(db: Queryable) {
  return {
    /**
     * Adds a source system with its first key.
     *
     * @throws AblaghError `source_exists`
     */
    async add(code: string, title: string, scopes: Scope[] = ['notices']): Promise<IssuedKey> {
      const { keyId, apiKey } = generateApiKey();
      const secretHash = hashApiKey(apiKey);
      const added = await db.query(ADD_SOURCE, { code, title, keyId, secretHash, scopes });
      if (added.length === 0)
        throw new AblaghError('source_exists', `There already is a source system ${code}.`);
      return { code, keyId, apiKey };
    },

    /**
     * Gives a source system one more key. Its other keys stay valid, so that it can change over in its own time.
     *
     * @param scopes those of its latest key if absent
     * @throws AblaghError `no_such_source`
     */
    async addKey(code: string, scopes: Scope[] | null = null): Promise<IssuedKey> {
      const { keyId, apiKey } = generateApiKey();
      const added = await db.query(ADD_KEY, { code, keyId, secretHash: hashApiKey(apiKey), scopes });
      if (added.length === 0) throw new AblaghError('no_such_source', `There is no source system ${code}.`);
      return { code, keyId, apiKey };
    },

    async list(): Promise<SourceSystem[]> {
      return (await db.query(LIST_SOURCES)).map(toSourceSystem);
    },

    /** Gives the title of a source system. @throws Error when no source system has this id */
    async titleOf(sourceId: number): Promise<string> {
      const [source] = await db.query(READ_SOURCE_TITLE, { sourceId });
      if (!source) throw new Error('no source system has this id');
      return source.title;
    },

    /** Revokes one key, or every key of a source system. Returns the ids of the keys revoked now. */
    async revoke(codeOrKeyId: string): Promise<string[]> {
      return (await db.query(REVOKE_KEYS, { codeOrKeyId })).map(({ id }) => id);
    },

    /** Gives the owner of a key, or null for a key that is unknown or revoked. */
    async authenticate(apiKey: string): Promise<Caller | null> {
      const [caller] = await db.query(AUTHENTICATE, { secretHash: hashApiKey(apiKey) });
      return caller ?? null;
    },

    /** Gives the callers behind key ids, with the hashes that key their queue signatures. Revoked keys are left out. */
    async byKeyIds(keyIds: string[]): Promise<Map<string, Caller & { secretHash: string }>> {
      const rows = await db.query(READ_CALLERS, { keyIds });
      return new Map(rows.map((row) => [row.keyId, row]));
    },
  };
}

const toSourceSystem = ({ keys, ...source }: SourceRow): SourceSystem => ({
  ...source,
  keys: keys.map(({ createdAt, revokedAt, ...key }) => ({
    ...key,
    createdAt: new Date(createdAt),
    revokedAt: revokedAt === null ? null : new Date(revokedAt),
  })),
});
