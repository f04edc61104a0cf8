import { Writable } from 'node:stream';
import { createLog, type Log } from '../../../core/platform/log';

const KEYS = [
  'apiKey',
  'KAVENEGAR_API_KEY',
  'KAVENEGAR_LINES',
  'authorization',
  'passcode',
  'password',
  'secret',
  'signature',
  'smsText',
  'text',
  'mobile',
  'email',
  'address',
  'receptor',
  'notice',
  'content',
  'config',
  'connectionString',
];
const SECRETS = ['hunter2', '09121234567', '+989121234567'];

/** Returns the text that a log writes. */
function written(write: (log: Log) => void, level = 'trace'): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  write(createLog('test', level, stream));
  return text;
}

describe('a log', () => {
  test('writes lines of JSON with the name of the process', () => {
    expect(JSON.parse(written((log) => log.info({ queue: 'sms-urgent', done: 3 }, 'sent')))).toMatchObject({
      name: 'test',
      queue: 'sms-urgent',
      done: 3,
      msg: 'sent',
    });
  });

  test('writes nothing below its level', () => {
    expect(written((log) => log.info('quiet'), 'warn')).toBe('');
    expect(written((log) => log.error('loud'), 'silent')).toBe('');
  });

  describe.each(KEYS)('never shows the value of a field %s', (key) => {
    test.each([
      ['at the top', (value: string) => ({ [key]: value })],
      ['one level down', (value: string) => ({ alert: { id: 7, [key]: value } })],
      ['deep down', (value: string) => ({ a: { b: { c: { d: { [key]: value } } } } })],
      ['in a list', (value: string) => ({ alerts: [{ id: 7 }, { id: 8, [key]: value }] })],
      ['in a list of lists', (value: string) => ({ sets: [[{ [key]: value }]] })],
      ['in an error', (value: string) => ({ err: Object.assign(new Error('failed'), { [key]: value }) })],
      [
        'deep in an error',
        (value: string) => ({
          err: Object.assign(new Error('failed'), { response: { body: { [key]: value } } }),
        }),
      ],
      [
        'in the cause of an error',
        (value: string) => ({
          err: new Error('failed', { cause: Object.assign(new Error('why'), { [key]: value }) }),
        }),
      ],
      [
        'in an error that is logged by itself',
        (value: string) => Object.assign(new Error('failed'), { [key]: value }),
      ],
      ['in another case', (value: string) => ({ [key.toUpperCase()]: value })],
    ])('%s', (_, wrap) => {
      for (const secret of SECRETS) {
        const line = written((log) => log.error(wrap(secret), 'seen'));
        expect(line).not.toContain(secret);
        expect(JSON.parse(line)).toMatchObject({ level: 50 });
      }
    });

    test('in the bindings of a child', () => {
      const line = written((log) => log.child({ [key]: 'hunter2', job: { [key]: 'hunter2' } }).info('seen'));
      expect(line).not.toContain('hunter2');
    });

    test('even when it is a whole object', () => {
      expect(written((log) => log.info({ [key]: { anything: 'hunter2' } }))).not.toContain('hunter2');
    });
  });

  test('never shows the headers of a request, at any depth', () => {
    const headers = { authorization: 'Bearer hunter2', cookie: 'session=hunter2', 'x-api-key': 'hunter2' };
    const line = written((log) => {
      log.info({ req: { method: 'POST', headers } });
      log.info({ err: Object.assign(new Error('failed'), { request: { headers } }) });
      log.info({ headers, cookie: 'hunter2' });
    });
    expect(line).not.toContain('hunter2');
    expect(line).toContain('POST');
  });

  test('never shows the parts of a row that an error of PostgreSQL quotes', () => {
    const detail = 'Key (mobile)=(+989121234567) already exists.';
    const fault = { code: '23505', detail, where: 'COPY employers: hunter2', parameters: ['hunter2'] };
    const line = written((log) =>
      log.error({ err: Object.assign(new Error('duplicate key'), fault) }, 'failed'),
    );
    expect(line).not.toMatch(/9121234567|hunter2/);
    expect(JSON.parse(line).err).toMatchObject({ code: '23505', message: 'duplicate key' });
    expect(JSON.parse(line).err.stack).toContain('log.test');
  });

  test('does not change the logged object', () => {
    const alert = { id: 7, mobile: '+989121234567', list: [{ email: 'a@b.ir' }] };
    const before = structuredClone(alert);
    written((log) => log.info({ alert }));
    expect(alert).toEqual(before);
  });

  test('writes circular objects, dates, buffers and numbers too big for JSON', () => {
    const round: Record<string, unknown> = { at: new Date(0), size: 12n, bytes: Buffer.from('hunter2') };
    round.self = round;
    const line = JSON.parse(written((log) => log.info({ round }, 'seen')));
    expect(line).toMatchObject({ msg: 'seen', round: { at: '1970-01-01T00:00:00.000Z' } });
    expect(JSON.stringify(line)).not.toContain('hunter2');
  });
});
