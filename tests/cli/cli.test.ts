import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../cli/run-command';
import { createLines } from '../../core/channels/lines';
import { callbackSecret } from '../../core/platform/derived-keys';
import { createSourceSystems } from '../../core/sources/source-systems';
import { useDatabase } from '../support/database';
import { shutChannels } from '../support/shut-channels';

const SECRET_KEY = 'a secret of more than thirty-two bytes';

describe('the command line', () => {
  const test = useDatabase();
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ablagh-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    let out = '';
    let err = '';
    const exitCode = await runCommand(args, {
      env: { DATABASE_URL: test.url, SECRET_KEY, DATA_DIR: folder, ...env },
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { exitCode, out, err };
  };
  const json = async (...args: string[]) => {
    const { exitCode, out, err } = await run([...args, '--json']);
    expect([exitCode, err]).toEqual([0, '']);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    return JSON.parse(out);
  };

  it('adds a system whose key works at once, with the given scopes', async () => {
    const key = await json('source', 'add', 'hr', 'سامانه سابقه', '--scope', 'notices,employers');
    expect(Object.keys(key)).toEqual(['code', 'keyId', 'apiKey']);
    const caller = await createSourceSystems(test.db).authenticate(key.apiKey);
    expect(caller).toMatchObject({ keyId: key.keyId, sourceCode: 'hr', scopes: ['notices', 'employers'] });
  });

  it('opens a closed channel, and reports one that was open', async () => {
    await createLines(test.db).disable('kavenegar', 'closed', '403', 'the API key is not valid');
    expect(await shutChannels(test.db)).toEqual(['sms']);
    expect(await json('channel', 'open', 'sms')).toEqual({ channel: 'sms', opened: true });
    expect(await shutChannels(test.db)).toEqual([]);
    expect(await json('channel', 'open', 'sms')).toEqual({ channel: 'sms', opened: false });
    expect((await run(['channel', 'open', 'fax'])).err).toContain('There is no channel "fax"');
  });

  it('lists the lines with their faults and rates', async () => {
    await createLines(test.db).disable('kavenegar', 'paused', '418', 'the credit is not enough');
    await test.db.query(`UPDATE lines SET broken_until = '2030-01-01T00:00:00Z' WHERE name = 'smtp'`);
    expect((await json('line', 'list')).lines).toMatchObject([
      { name: 'smtp', channel: 'email', state: 'open', brokenUntil: '2030-01-01T00:00:00.000Z' },
      { name: 'kavenegar', channel: 'sms', state: 'paused', code: '418', perSecond: null },
    ]);
    expect((await run(['line', 'list'])).out).toBe(
      [
        'smtp  email  left alone until 2030-01-01T00:00:00.000Z  no rate',
        'kavenegar  sms  paused  no rate  418 the credit is not enough',
        '',
      ].join('\n'),
    );
  });

  it('opens one line, whatever its fault, and reports one that was open', async () => {
    for (const name of ['kavenegar', 'smtp']) {
      expect(await json('line', 'open', name)).toEqual({ line: name, opened: true });
      expect(await json('line', 'open', name)).toEqual({ line: name, opened: false });
    }
    const unknown = await run(['line', 'open', 'pigeon']);
    expect(unknown).toMatchObject({
      exitCode: 1,
      err: 'There is no line "pigeon"; there are smtp, kavenegar.\n',
    });
  });

  it('sets the rate of a line, and removes it', async () => {
    expect(await json('line', 'rate', 'kavenegar', '50')).toEqual({ line: 'kavenegar', perSecond: 50 });
    expect((await createLines(test.db).list())[1]?.perSecond).toBe(50);
    expect(await json('line', 'rate', 'kavenegar', 'none')).toEqual({ line: 'kavenegar', perSecond: null });
    expect((await createLines(test.db).list())[1]?.perSecond).toBeNull();
    for (const wrong of ['0', '-1', '1.5', 'many', '1000000']) {
      expect((await run(['line', 'rate', 'kavenegar', '--', wrong])).err).toContain(
        'A rate is a whole number',
      );
    }
    expect((await run(['line', 'rate', 'pigeon', '5'])).err).toContain('There is no line "pigeon"');
  });

  it('prints a short text for people', async () => {
    const { out } = await run(['source', 'add', 'audit', 'بازرسی']);
    expect(out).toMatch(
      /^audit was added, for notices\.\nIts API key, shown this once: abl_[0-9a-f]{12}\.\S{43}\n$/,
    );
  });

  it('lists systems and never their keys', async () => {
    const { apiKey } = await json('source', 'add', 'listed', 'فهرست');
    const { sources } = await json('source', 'list');
    expect(sources).toContainEqual(expect.objectContaining({ code: 'listed', title: 'فهرست' }));
    expect(JSON.stringify(sources)).not.toContain(apiKey.split('.')[1]);
    expect((await run(['source', 'list'])).out).toContain('listed  فهرست\n');
  });

  it('revokes by code or by key id, and reports when there is nothing to revoke', async () => {
    const first = await json('source', 'add', 'gone-1', 'رفته');
    const second = await json('source', 'add', 'gone-2', 'رفته');
    expect(await json('source', 'revoke', 'gone-1')).toEqual({ revoked: [first.keyId] });
    expect(await json('source', 'revoke', second.keyId)).toEqual({ revoked: [second.keyId] });
    const again = await run(['source', 'revoke', 'gone-1', '--json']);
    expect(again).toEqual({ exitCode: 1, out: '', err: '"gone-1" names no key that could still be used.\n' });
  });

  it('refuses a code that is taken', async () => {
    await json('source', 'add', 'twice', 'دوبار');
    const { exitCode, err } = await run(['source', 'add', 'twice', 'دوبار']);
    expect([exitCode, err]).toEqual([1, 'There already is a source system twice.\n']);
  });

  it('prints the address at which the API takes callbacks', async () => {
    const { out } = await run(['callbacks', '--json'], { PUBLIC_URL: 'https://ablagh.example/' });
    const kavenegar = `https://ablagh.example/callbacks/kavenegar/${callbackSecret(SECRET_KEY)}`;
    expect(JSON.parse(out)).toEqual({ kavenegar });
  });

  it('migrates, and has nothing to do the second time', async () => {
    expect(await json('migrate')).toEqual({ applied: [] });
  });

  it.each([
    ['nothing', [], 'Which command?'],
    ['an unknown command', ['sauce', 'add'], 'There is no command "sauce add".'],
    ['too few arguments', ['source', 'add', 'hr2'], '"source add" takes CODE TITLE.'],
    ['too many arguments', ['source', 'list', 'all'], '"source list" takes no arguments.'],
    ['an unknown option', ['source', 'list', '--colour'], "Unknown option '--colour'"],
    [
      'an option of another command',
      ['source', 'list', '--scope', 'notices'],
      '"source list" has no option --scope.',
    ],
    ['an unknown scope', ['source', 'add', 'hr2', 'x', '--scope', 'notices,all'], 'There is no scope "all"'],
    ['a code that is none', ['source', 'add', 'a b', 'x'], '"a b" is no code'],
  ])('answers %s with the usage on standard error and exit code 1', async (_name, args, message) => {
    const { exitCode, out, err } = await run([...args, '--json']);
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toContain(message);
    expect(err).toContain('Usage: npm run --silent ablagh');
  });

  it('works beside a running npm start, with the settings it has written', async () => {
    const env = { DATABASE_URL: '', SECRET_KEY: undefined };
    const lonely = await run(['source', 'list'], env);
    expect(lonely).toMatchObject({ exitCode: 1, out: '' });
    expect(lonely.err).toContain('DATABASE_URL must be set.');
    expect(lonely.err).toContain(join(folder, 'running.env'));

    const running = `DATABASE_URL=${test.url}\nSECRET_KEY="${SECRET_KEY}"\nPUBLIC_URL=http://127.0.0.1:3000\n`;
    await writeFile(join(folder, 'running.env'), running);
    expect((await run(['source', 'list'], env)).exitCode).toBe(0);
    const { out } = await run(['callbacks'], env);
    expect(out).toBe(`Kavenegar: http://127.0.0.1:3000/callbacks/kavenegar/${callbackSecret(SECRET_KEY)}\n`);
  });

  it('names a wrong setting', async () => {
    const { exitCode, err } = await run(['source', 'list'], { DATABASE_URL: 'mysql://x' });
    expect(exitCode).toBe(1);
    expect(err).toContain('DATABASE_URL: must be a URL starting with postgres:');
  });

  it('reports in one line that PostgreSQL is away', async () => {
    const { exitCode, err } = await run(['source', 'list'], {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x',
    });
    expect([exitCode, err]).toEqual([1, 'postgres is unavailable\n']);
  });
});
