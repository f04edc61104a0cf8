import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, startApi } from '../../api/start-api';
import { AblaghRefused, createHttpClient, type FollowedEvent, type HttpClient } from '../../client';
import { API_REQUIRED_SETTINGS, loadConfig } from '../../core/platform/config';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, aNotice, anAttachment, anEmployer } from '../support/fixtures';

describe('the HTTP client and the API', () => {
  let test: TestDatabase;
  let folder: string;
  let api: Api;
  let client: HttpClient;

  beforeAll(async () => {
    test = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'ablagh-api-'));
    const config = loadConfig(
      {
        DATABASE_URL: test.url,
        SECRET_KEY: 'a secret of more than thirty-two bytes',
        DATA_DIR: folder,
        PORT: '0',
        LOG_LEVEL: 'silent',
      },
      API_REQUIRED_SETTINGS,
    );
    api = await startApi(config);
    const { apiKey } = await addSource(test.db);
    client = createHttpClient({ url: api.address, apiKey });
    await client.putEmployer('0499370899', anEmployer());
  });
  afterAll(async () => {
    await api.close();
    await test.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('sends a notice and reads its state', async () => {
    const notice = aNotice({ attachments: [anAttachment()] });
    const accepted = await client.send(notice);
    expect(accepted).toMatchObject({ state: 'accepted', duplicate: false });
    expect(await client.send(notice)).toEqual({ ...accepted, duplicate: true });
    expect(await client.read(accepted.id)).toMatchObject({
      id: accepted.id,
      reference: notice.reference,
      attachments: [{ fileName: 'form-1.pdf' }],
    });
  });

  it('gives the reason for a refusal and the faulty field', async () => {
    const refused = client.send(aNotice({ recipient: { nationalId: '123' } }));
    await expect(refused).rejects.toBeInstanceOf(AblaghRefused);
    await expect(refused).rejects.toMatchObject({
      status: 422,
      code: 'invalid_national_id',
      errors: [{ path: 'recipient.nationalId', message: 'is not a national ID' }],
    });
  });

  it('gets the refusal of a wrong key at once, even in the middle of a batch', async () => {
    const stranger = createHttpClient({ url: api.address, apiKey: 'abl_0.nobody' });
    const endless = (function* () {
      for (;;) yield aNotice();
    })();
    const batch = stranger.sendBatch(endless)[Symbol.asyncIterator]();
    await expect(batch.next()).rejects.toMatchObject({ status: 401, code: 'unauthorized' });
    await expect(stranger.events()).rejects.toMatchObject({ status: 401, code: 'unauthorized' });
  });

  it('sends a batch, and finds every notice of it in the feed', async () => {
    const { next } = await client.events({ limit: 1000 });
    const notices = Array.from({ length: 3_000 }, (_, i) =>
      aNotice(i === 1_234 ? { recipient: { nationalId: '0084575948' } } : {}),
    );
    const lines: number[] = [];
    for await (const answer of client.sendBatch(notices)) {
      lines.push(answer.line);
      expect(answer.status).toBe(answer.line === 1_235 ? 422 : 202);
    }
    expect(lines).toEqual(notices.map((_, i) => i + 1));

    const seen: FollowedEvent[] = [];
    for await (const event of client.follow({ after: next, pollEvery: 20 })) {
      seen.push(event);
      if (seen.length === notices.length) break;
    }
    expect(new Set(seen.map(({ reference }) => reference))).toEqual(
      new Set(notices.map(({ reference }) => reference)),
    );
    const refused = seen.filter(({ type }) => type === 'notice.refused');
    expect(refused).toMatchObject([{ data: { code: 'unknown_employer' } }]);
    const rest = await client.events({ after: seen.at(-1)?.cursor ?? null });
    expect(rest.events).toEqual([]);
  });
});
