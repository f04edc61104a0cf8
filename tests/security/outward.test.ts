import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createKavenegar } from '../../core/channels/kavenegar/kavenegar';
import { loadConfig, settings } from '../../core/platform/config';
import { ConfigError } from '../../core/platform/errors';
import { safeNext } from '../../web/login/safe-next';
import { bearer, SECRET_KEY, startTestApi, type TestApi } from '../api/test-api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { makeScene } from './scene';
import { send } from './send';

/** Every setting that is an address. */
const ADDRESSES = Object.keys(settings).filter((name) => name.endsWith('_URL'));
const isTaken = (name: string, value: string): boolean => {
  try {
    loadConfig({ [name]: value });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
};

/** The schemes each setting accepts; any other is refused. */
const SCHEMES: Record<string, string[]> = {
  DATABASE_URL: ['postgres:', 'postgresql:'],
  REDIS_URL: ['redis:', 'rediss:'],
  SMTP_URL: ['smtp:', 'smtps:'],
  ATTACHMENTS_URL: ['file:', 's3:'],
  PUBLIC_URL: ['http:', 'https:'],
  NATIONAL_CARTABLE_URL: ['http:', 'https:'],
  LEGACY_PORTAL_URL: ['http:', 'https:'],
  KAVENEGAR_BASE_URL: ['http:', 'https:'],
};
const OTHERS = ['javascript:', 'data:', 'gopher:', 'ftp:', 'vbscript:', 'blob:', 'ldap:', 'dict:'];

describe('an address in the settings', () => {
  it('is listed in the table of schemes', () => {
    expect(ADDRESSES.sort()).toEqual(Object.keys(SCHEMES).sort());
  });

  it.each(ADDRESSES)('accepts its schemes and no others: %s', (name) => {
    const all = [...new Set([...Object.values(SCHEMES).flat(), ...OTHERS])];
    const taken = all.filter((scheme) => isTaken(name, `${scheme}//localhost/x`));
    expect(taken.sort()).toEqual(SCHEMES[name]?.toSorted());
  });

  it.each(ADDRESSES)('holds no line break, which would begin a header: %s', (name) => {
    const [scheme] = SCHEMES[name] as [string];
    for (const evil of ['\r\nX-Evil: 1', '\n', '\t', '\0'])
      expect([evil, isTaken(name, `${scheme}//localhost/x${evil}`)]).toEqual([evil, false]);
  });
});

/** Starts a server that records its requests and answers each with a redirect. */
async function startServer(lead?: string): Promise<{ url: string; asked: string[]; server: Server }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url as string);
    request.resume();
    response.writeHead(lead ? 307 : 200, { ...(lead && { location: lead }) });
    response.end('{"return":{"status":200,"message":""},"entries":[]}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

it('a redirect of the provider is not followed: the address holds the key', async () => {
  const inside = await startServer();
  const provider = await startServer(`${inside.url}/internal`);
  const sms = createKavenegar({ apiKey: 'key', sender: '10004346', baseUrl: provider.url });
  await sms.send([{ localId: '1', mobile: '+989121234567', text: 'x' }]);
  await sms.lookUp(['1']).catch(() => {});
  expect(provider.asked.length).toBeGreaterThan(1);
  expect(inside.asked).toEqual([]);
  sms.close();
  for (const { server } of [inside, provider]) server.close();
});

describe('a caller', () => {
  let test: TestDatabase;
  let api: TestApi;
  beforeAll(async () => {
    test = await createTestDatabase();
    const PUBLIC_URL = 'https://ablagh.example';
    api = await startTestApi(test.db, { config: { ...loadConfig({ PUBLIC_URL }), SECRET_KEY } });
  });
  afterAll(async () => {
    await api.close();
    await test.drop();
  });

  it('sets the host of no address in an answer by any header', async () => {
    const scene = await makeScene(api, test.db);
    const base = await api.listen();
    const headers = {
      ...bearer(scene.apiKey),
      'content-type': 'application/json',
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example',
    };
    const { nationalId, passcode } = scene;
    const body = JSON.stringify({ nationalId, passcode });
    const answer = await send(base, { method: 'POST', url: '/v1/inquiries', headers, body });
    const [file] = JSON.parse(answer.body).attachments as [{ url: string }];
    expect(file.url).toMatch(/^https:\/\/ablagh\.example\/inquiry\/attachments\//);
    expect(JSON.stringify(answer)).not.toContain('evil.example');
    for (const url of ['/inbox', '/ops', '/login', '/', '/docs/json', '/nowhere']) {
      const page = await send(base, { method: 'GET', url, headers });
      expect([url, JSON.stringify(page).includes('evil.example')]).toEqual([url, false]);
    }
  });
});

it.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  '/%0d%0a//evil.example/../..//evil.example',
  '/..//evil.example',
])('a login leads to no other place: %j', (next) => {
  expect(new URL(safeNext(next), 'https://here.example').origin).toBe('https://here.example');
});
