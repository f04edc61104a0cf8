import { createSourceSystems, hashApiKey, keyIdOf, SCOPES } from '../../../core/sources/source-systems';
import { useDatabase } from '../../support/database';

const own = useDatabase();
const sources = () => createSourceSystems(own.db);

describe('a source system', () => {
  test('gets a key that authenticates it', async () => {
    const { code, keyId, apiKey } = await sources().add('hr', 'سامانه سابقه');
    expect(code).toBe('hr');
    expect(keyIdOf(apiKey)).toBe(keyId);
    expect(await sources().authenticate(apiKey)).toEqual({
      keyId,
      sourceId: expect.any(Number),
      sourceCode: 'hr',
      scopes: ['notices'],
    });
  });

  test('has the scopes it was given', async () => {
    const { apiKey } = await sources().add('all', 'همه', [...SCOPES]);
    expect((await sources().authenticate(apiKey))?.scopes).toEqual(['notices', 'employers', 'inquiries']);
  });

  test('gets a unique key that cannot be guessed from its id', async () => {
    const issued = await Promise.all(Array.from({ length: 20 }, (_, i) => sources().add(`many-${i}`, 'ت')));
    expect(new Set(issued.map(({ keyId }) => keyId)).size).toBe(20);
    for (const { keyId, apiKey } of issued) {
      expect(apiKey.slice(keyId.length + 1)).toMatch(/^[\w-]{43}$/);
      expect(await sources().authenticate(keyId)).toBeNull();
      expect(await sources().authenticate(`${keyId}.`)).toBeNull();
    }
  });

  test('is added once, even when two add it at the same time', async () => {
    const tries = await Promise.allSettled([1, 2, 3].map(() => sources().add('once', 'یک بار')));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const tried of tries) {
      if (tried.status === 'rejected') expect(tried.reason).toMatchObject({ code: 'source_exists' });
    }
    expect((await sources().list()).find(({ code }) => code === 'once')?.keys).toHaveLength(1);
  });

  test('stores only the hash of its key', async () => {
    const { apiKey, keyId } = await sources().add('secretive', 'پنهان');
    const rows = await own.db.query(
      'SELECT k.*, s.* FROM api_keys k JOIN source_systems s ON s.id = k.source_id',
    );
    expect(JSON.stringify(rows)).not.toContain(apiKey.slice(keyId.length + 1));
    expect(JSON.stringify(rows)).toContain(hashApiKey(apiKey));
  });

  test('is not authenticated by a wrong or changed key', async () => {
    const { apiKey } = await sources().add('guarded', 'محفوظ');
    for (const wrong of ['', 'x', `${apiKey}x`, apiKey.slice(0, -1), apiKey.toUpperCase()]) {
      expect(await sources().authenticate(wrong)).toBeNull();
    }
  });

  test('is listed with its keys and their instants', async () => {
    const { keyId } = await sources().add('listed', 'فهرست', ['inquiries']);
    const before = (await sources().list()).find(({ code }) => code === 'listed');
    expect(before).toEqual({
      code: 'listed',
      title: 'فهرست',
      createdAt: expect.any(Date),
      keys: [{ keyId, scopes: ['inquiries'], createdAt: before?.createdAt, revokedAt: null }],
    });
    await sources().revoke(keyId);
    const after = (await sources().list()).find(({ code }) => code === 'listed');
    expect(after?.keys[0]?.revokedAt).toBeInstanceOf(Date);
  });
});

describe('a revoked key', () => {
  test('no longer authenticates, whether the key or its source system was revoked', async () => {
    for (const name of ['keyId', 'code'] as const) {
      const issued = await sources().add(`revoked-by-${name}`, 'ت');
      expect(await sources().revoke(issued[name])).toEqual([issued.keyId]);
      expect(await sources().authenticate(issued.apiKey)).toBeNull();
      expect(await sources().byKeyIds([issued.keyId])).toEqual(new Map());
    }
  });

  test('is revoked once', async () => {
    const { keyId } = await sources().add('twice', 'ت');
    expect(await sources().revoke(keyId)).toEqual([keyId]);
    expect(await sources().revoke(keyId)).toEqual([]);
    expect(await sources().revoke('nobody')).toEqual([]);
  });

  test('does not affect other source systems', async () => {
    const [one, other] = [await sources().add('one', 'ت'), await sources().add('other', 'ت')];
    await sources().revoke('one');
    expect(await sources().authenticate(one.apiKey)).toBeNull();
    expect(await sources().authenticate(other.apiKey)).not.toBeNull();
  });
});

describe('looking up the callers behind key ids', () => {
  test('gives each caller with the hash that keys its signatures, and leaves out unknown ids', async () => {
    const one = await sources().add('queue-one', 'ت');
    const two = await sources().add('queue-two', 'ت');
    const callers = await sources().byKeyIds([one.keyId, 'abl_unknown', two.keyId, one.keyId]);
    expect([...callers.keys()].sort()).toEqual([one.keyId, two.keyId].sort());
    expect(callers.get(one.keyId)).toMatchObject({
      sourceCode: 'queue-one',
      secretHash: hashApiKey(one.apiKey),
    });
  });

  test('gives none for no key ids', async () => {
    expect(await sources().byKeyIds([])).toEqual(new Map());
  });
});
