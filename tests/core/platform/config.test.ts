import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import fastify from 'fastify';
import {
  API_REQUIRED_SETTINGS,
  loadConfig,
  settings,
  WORKERS_REQUIRED_SETTINGS,
} from '../../../core/platform/config';
import { ConfigError } from '../../../core/platform/errors';

const production = {
  DATABASE_URL: 'postgres://localhost/ablagh',
  SECRET_KEY: 'k'.repeat(32),
  KAVENEGAR_API_KEY: 'key',
  KAVENEGAR_SENDER: '10008663',
  SMTP_URL: 'smtp://localhost',
  MAIL_FROM: 'Notices <notices@example.org>',
};
const dkim = {
  DKIM_DOMAIN: 'example.org',
  DKIM_SELECTOR: 's1',
  DKIM_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----',
};

function faultsOf(env: NodeJS.ProcessEnv, needs?: Parameters<typeof loadConfig>[1]): ConfigError {
  try {
    loadConfig(env, needs);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error as ConfigError;
  }
  throw new Error('The environment was accepted.');
}

describe('the settings', () => {
  test('have defaults for a fresh machine', () => {
    expect(loadConfig({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      PUBLIC_URL: 'http://127.0.0.1:3000',
      DATA_DIR: resolve('.data'),
      KAVENEGAR_BASE_URL: 'https://api.kavenegar.com',
      MAIL_ON_UNKNOWN: 'park',
      ALERT_TTL_HOURS: 72,
      LOG_LEVEL: 'info',
      DEMO: true,
    });
    expect(loadConfig({}).DATABASE_URL).toBeUndefined();
  });

  test('are frozen and hold nothing else of the environment', () => {
    const config = loadConfig({ ...production, PATH: '/bin' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(config).not.toHaveProperty('PATH');
  });

  test('that are empty count as absent', () => {
    const empty = Object.fromEntries(Object.keys(settings).map((name) => [name, '']));
    expect(loadConfig(empty)).toEqual(loadConfig({}));
    expect(faultsOf({ ...production, SECRET_KEY: '' }, API_REQUIRED_SETTINGS).faults).toEqual([
      { path: 'SECRET_KEY', message: 'is required' },
    ]);
  });

  test('that are wrong are reported all at once, with those that are missing', () => {
    const env = {
      PORT: '70000',
      REDIS_URL: 'http://localhost',
      LOG_LEVEL: 'loud',
      DEMO: 'yes',
      SECRET_KEY: 'short',
    };
    const { faults, message, code } = faultsOf(env, API_REQUIRED_SETTINGS);
    expect(code).toBe('invalid_config');
    const names = ['REDIS_URL', 'PORT', 'SECRET_KEY', 'LOG_LEVEL', 'DEMO', 'DATABASE_URL'];
    expect(faults.map(({ path }) => path)).toEqual(names);
    for (const name of names) expect(message).toContain(`${name}: `);
  });

  test('accept a Redis address with usable Sentinels, or with none', () => {
    const REDIS_URL = 'redis://ablagh?sentinels=10.0.0.1:26379,10.0.0.2:26379';
    expect(loadConfig({ REDIS_URL }).REDIS_URL).toBe(REDIS_URL);
    expect(faultsOf({ REDIS_URL: `${REDIS_URL},10.0.0.3` }).faults).toEqual([
      { path: 'REDIS_URL', message: expect.stringContaining('must name its sentinels as host:port') },
    ]);
  });

  test('are never echoed when they are wrong', () => {
    const wrong = fc.string({ minLength: 12, maxLength: 31 }).map((text) => `hunter2${text}`);
    const secrets = [
      'SECRET_KEY',
      'DATABASE_URL',
      'REDIS_URL',
      'SMTP_URL',
      'DKIM_PRIVATE_KEY',
      'PORT',
      'KAVENEGAR_SENDER',
      'KAVENEGAR_LINES',
      'LOG_LEVEL',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...secrets), wrong, (name, value) => {
        fc.pre(Buffer.byteLength(value) < 32);
        expect(faultsOf({ [name]: value }).message).not.toContain('hunter2');
      }),
    );
  });

  test.each([
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['PORT', ' 80'],
    ['ALERT_TTL_HOURS', '0'],
    ['DATABASE_POOL', '1'],
    ['SECRET_KEY', 'k'.repeat(31)],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['DATABASE_URL', 'localhost:5432'],
    ['KAVENEGAR_SENDER', '+98'],
    ['MAIL_FROM', 'Notices'],
    ['MAIL_FROM', 'a@b.ir\r\nBcc: c@d.ir'],
    ['MAIL_ON_UNKNOWN', 'maybe'],
    ['ATTACHMENTS_URL', '/var/files'],
    ['KAVENEGAR_RATE', '0'],
    ['KAVENEGAR_WEIGHT', '0'],
    ['KAVENEGAR_LINES', '{}'],
    ['KAVENEGAR_LINES', '[{"name":"b"'],
  ])('%s is not %j', (name, value) => {
    expect(faultsOf({ [name]: value }).faults.map(({ path }) => path)).toEqual([name]);
  });

  test.each([
    '10.0.0.0/33',
    '10.0.0.0/0',
    '::1/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10',
    'proxy',
  ])('TRUSTED_PROXIES is not %j, and the fault is reported together with the others', (network) => {
    const { faults } = faultsOf({ TRUSTED_PROXIES: `127.0.0.1,${network}`, PORT: '-1' });
    expect(faults).toEqual([
      { path: 'PORT', message: expect.any(String) },
      { path: 'TRUSTED_PROXIES', message: 'must be addresses or networks with commas between them' },
    ]);
  });

  test('accept as TRUSTED_PROXIES only what the HTTP server accepts', () => {
    const ip = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV4().map((address) => `::ffff:${address}`),
    );
    const prefix = fc.option(fc.integer({ min: -1, max: 140 }));
    const network = fc
      .tuple(ip, prefix)
      .map(([address, bits]) => (bits === null ? address : `${address}/${bits}`));
    const isAccepted = (start: () => unknown) => {
      try {
        start();
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(network, (TRUSTED_PROXIES) => {
        const byServer = isAccepted(() => fastify({ trustProxy: TRUSTED_PROXIES }));
        expect(isAccepted(() => loadConfig({ TRUSTED_PROXIES }))).toBe(byServer);
      }),
    );
  });

  test('of each production entry are complete when its required settings are there', () => {
    expect(loadConfig(production, WORKERS_REQUIRED_SETTINGS).SMTP_URL).toBe('smtp://localhost');
    expect(faultsOf({}, WORKERS_REQUIRED_SETTINGS).faults.map(({ path }) => path)).toEqual([
      ...WORKERS_REQUIRED_SETTINGS,
    ]);
    expect(faultsOf({}, API_REQUIRED_SETTINGS).faults.map(({ path }) => path)).toEqual([
      ...API_REQUIRED_SETTINGS,
    ]);
  });

  test.each([
    [{}, 'http://127.0.0.1:3000'],
    [{ HOST: 'localhost', PORT: '80' }, 'http://localhost:80'],
    [{ HOST: '::1' }, 'http://[::1]:3000'],
    [{ PUBLIC_URL: 'https://eblagh.example.ir/' }, 'https://eblagh.example.ir'],
    [{ PUBLIC_URL: 'https://example.ir/eblagh//', PORT: '80' }, 'https://example.ir/eblagh'],
  ])('%j lead to the public address %s', (env, address) => {
    expect(loadConfig(env).PUBLIC_URL).toBe(address);
  });

  test('of further SMS lines get defaults for absent values', () => {
    const lines = [
      { name: 'second', apiKey: 'k2', sender: '10008664' },
      { name: '3', apiKey: 'k3', sender: '10008665', weight: 7, baseUrl: 'http://localhost:1' },
    ];
    expect(loadConfig({ KAVENEGAR_LINES: JSON.stringify(lines) }).KAVENEGAR_LINES).toEqual([
      { ...lines[0], weight: 1 },
      lines[1],
    ]);
    expect(loadConfig({ KAVENEGAR_LINES: '[]' }).KAVENEGAR_LINES).toEqual([]);
  });

  test('of further SMS lines that are wrong are reported all at once, each with its place and never with its value', () => {
    const lines = [
      { name: 'Zweite', apiKey: '', sender: '+98hunter2', weight: 0 },
      { name: 'x'.repeat(31), apiKey: 'hunter2', sender: '10008664', weight: 1.5, baseUrl: 'hunter2' },
      { name: 'third', apikey: 'hunter2' },
    ];
    const { faults, message } = faultsOf({ KAVENEGAR_LINES: JSON.stringify(lines) });
    expect(faults.map(({ path }) => path)).toEqual([
      'KAVENEGAR_LINES.0.name',
      'KAVENEGAR_LINES.0.apiKey',
      'KAVENEGAR_LINES.0.sender',
      'KAVENEGAR_LINES.0.weight',
      'KAVENEGAR_LINES.1.name',
      'KAVENEGAR_LINES.1.weight',
      'KAVENEGAR_LINES.1.baseUrl',
      'KAVENEGAR_LINES.2.apiKey',
      'KAVENEGAR_LINES.2.sender',
      'KAVENEGAR_LINES.2',
    ]);
    expect(message).not.toContain('hunter2');
    const twice = { name: 'second', apiKey: 'k', sender: '10008664' };
    expect(faultsOf({ KAVENEGAR_LINES: JSON.stringify([twice, twice]) }).faults).toEqual([
      { path: 'KAVENEGAR_LINES', message: 'must have names that differ' },
    ]);
  });

  test('of DKIM must be set together or not at all', () => {
    expect(loadConfig(dkim)).toMatchObject(dkim);
    for (const name of Object.keys(dkim)) {
      expect(faultsOf({ ...dkim, [name]: '' }).faults).toEqual([
        { path: 'DKIM_DOMAIN, DKIM_SELECTOR, DKIM_PRIVATE_KEY', message: 'must be set together' },
      ]);
    }
  });
});

describe('.env.example', () => {
  const text = readFileSync(join(__dirname, '../../../.env.example'), 'utf8');
  const entries = text
    .slice(text.indexOf('\n\n') + 2)
    .split('\n\n')
    .map(
      (block) => /^# (?<description>.*)\n(?<off># )?(?<name>[A-Z_]+)=(?<value>.*)\n?$/.exec(block)?.groups,
    );
  const unquoted = (value = '') => (value.startsWith('"') ? (JSON.parse(value) as string) : value);
  const environment = (chosen: typeof entries) =>
    Object.fromEntries(chosen.map((entry) => [entry?.name, unquoted(entry?.value)]));

  test('has every setting in its order, with its description', () => {
    expect(entries.map((entry) => [entry?.name, entry?.description])).toEqual(
      Object.entries(settings).map(([name, { description }]) => [name, description]),
    );
  });

  test('comments out optional settings and shows their defaults', () => {
    const optional = entries.filter((entry) => entry?.off);
    expect(loadConfig(environment(optional))).toEqual(loadConfig({}));
    const { PUBLIC_URL: _, ...defaults } = loadConfig({});
    for (const [name, value] of Object.entries(defaults)) {
      if (value !== undefined)
        expect([name, environment(optional)[name] === '']).toEqual([name, value === '']);
    }
  });

  test('has empty places for the settings production needs, and works unchanged on a fresh machine', () => {
    const needed = entries.filter((entry) => !entry?.off);
    expect(needed.map((entry) => entry?.name)).toEqual([...WORKERS_REQUIRED_SETTINGS]);
    expect(loadConfig(environment(needed))).toEqual(loadConfig({}));
  });
});
