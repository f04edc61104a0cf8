import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, Queryable } from '../../core/platform/database';
import { statement } from '../../core/platform/statement';
import { createSourceSystems, hashApiKey, SCOPES } from '../../core/sources/source-systems';
import { DEMO_SOURCES, type DemoSource } from './subjects';

const SELECT_SOURCES = statement<{ id: number; code: string }>(
  'select-demo-sources',
  'SELECT id, code FROM source_systems',
  { id: 'int4', code: 'text' },
);

/** A real system of the same code never used the demo's references. */
const SELECT_DEMO_SOURCE = statement<{ id: number }>(
  'select-demo-source',
  `SELECT s.id FROM source_systems s WHERE s.code = :code
      AND EXISTS (SELECT FROM notices n WHERE n.source_id = s.id AND starts_with(n.reference, :prefix))`,
  { id: 'int4' },
);

const INSERT_DEMO_KEY = statement(
  'insert-demo-key',
  `INSERT INTO api_keys (id, source_id, secret_hash, scopes) VALUES (:keyId, :sourceId, :secretHash, :scopes)`,
  {},
);

/**
 * Adds the source systems of the demo. The key that comes with each is shown to no person, so it is revoked at once.
 *
 * @returns ids by code
 */
export async function writeSources(trx: Queryable): Promise<Map<string, number>> {
  const sources = createSourceSystems(trx);
  for (const { code, title } of Object.values<DemoSource>(DEMO_SOURCES)) {
    await sources.add(code, title);
    await sources.revoke(code);
  }
  const rows = await trx.query(SELECT_SOURCES);
  return new Map(rows.map(({ id, code }) => [code, id]));
}

/**
 * Makes sure that the demo has an API key, for `RECORDS` and with every scope. The key is issued once and kept in
 * `<dataDir>/demo-key`; a lost or revoked key is replaced.
 *
 * @returns null for a database that does not hold the demo: no key of a real system is ever made here
 */
export async function ensureDemoApiKey(db: Database, dataDir: string): Promise<string | null> {
  const path = join(dataDir, 'demo-key');
  const kept = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
  const caller = kept && (await createSourceSystems(db).authenticate(kept));
  if (caller && caller.sourceCode === DEMO_SOURCES.RECORDS.code) return kept;
  return db.transaction(async (trx) => {
    const sourceId = await findDemoSourceId(trx);
    if (sourceId === null) return null;
    const apiKey = await issueKey(trx, sourceId);
    // Before the commit: a key that is in the database is also in the file.
    await writeFile(`${path}.new`, `${apiKey}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return apiKey;
  });
}

/** Finds `RECORDS` if it is the demo's own. */
async function findDemoSourceId(trx: Queryable): Promise<number | null> {
  const { code, prefix } = DEMO_SOURCES.RECORDS;
  const [source] = await trx.query(SELECT_DEMO_SOURCE, { code, prefix });
  return source?.id ?? null;
}

async function issueKey(trx: Queryable, sourceId: number): Promise<string> {
  const keyId = `abl_${randomBytes(6).toString('hex')}`;
  const apiKey = `${keyId}.${randomBytes(32).toString('base64url')}`;
  await trx.query(INSERT_DEMO_KEY, { keyId, sourceId, secretHash: hashApiKey(apiKey), scopes: [...SCOPES] });
  return apiKey;
}
