import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import fc from 'fast-check';
import { noticeSchema } from '../../core/notices/notice-schema';
import { createLog } from '../../core/platform/log';
import { safeDownloadName } from '../../web/ui/send-attachment';
import { loggableId } from '../../workers/supervise-worker';
import { acceptDependencies, bearer, startTestApi, type TestApi } from '../api/test-api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { addSource, aNotice, anAttachment, JPEG, PDF, PNG, registerEmployer } from '../support/fixtures';
import { anOwner, attachmentsOf, issuePermit } from '../web/owner';
import { addressOf } from './ask';
import { type Credentials, createCallers } from './callers';
import { routesOf } from './routes';
import { makeScene, type Scene } from './scene';
import { send } from './send';

let test: TestDatabase;
let api: TestApi;
let base: string;
let scene: Scene;
let employer: Credentials;
let operator: Credentials;
let folder: string;
/** The log, byte by byte as it would be written. */
let written = '';
beforeAll(async () => {
  test = await createTestDatabase();
  const write = (line: string) => {
    written += line;
  };
  const log = createLog('api', 'trace', { write });
  const acceptance = await acceptDependencies(test.db);
  ({ folder } = acceptance);
  api = await startTestApi(test.db, { log, acceptance });
  base = await api.listen();
  scene = await makeScene(api, test.db);
  await registerEmployer(test.db);
  const credentialsOf = await createCallers(test.db, scene);
  [employer, operator] = [await credentialsOf('employer'), await credentialsOf('operator')];
});
afterAll(async () => {
  await api.close();
  await test.drop();
});

const BREAK = '\r\nX-Injected: yes\r\nSet-Cookie: injected=1\r\n\r\n<html>';

describe('a line break', () => {
  it('in any part of a request begins no header, on any route', async () => {
    const evil = encodeURIComponent(BREAK);
    const routes = routesOf(api.app).filter(({ method, url }) => method === 'GET' && url !== '/ops/stream');
    for (const route of routes) {
      const who = /^\/ops(\/|$)/.test(route.url) ? operator : employer;
      const urls = [
        `${addressOf(route, scene)}?next=${evil}&q=${evil}&after=${evil}&pass=${evil}&download=${evil}&done=${evil}`,
        route.url.replace(/:\w+|\*/g, evil),
      ];
      for (const url of urls) {
        const { status, headers } = await send(base, { method: 'GET', url, headers: who.headers });
        expect([
          url,
          status < 500,
          headers['x-injected'],
          String(headers['set-cookie']).includes('injected'),
        ]).toEqual([url, true, undefined, false]);
      }
    }
  });

  it.each([
    ['reference', { reference: `A${BREAK}` }],
    ['subject', { subject: `A${BREAK}` }],
    ['file name', { attachments: [anAttachment(PDF, `a${BREAK.replaceAll('/', '')}.pdf`)] }],
    ['email address', { recipient: { email: 'ali@example.org\r\nBcc: thief@example.org' } }],
  ])('in a %s is refused', async (_, overrides) => {
    const payload = aNotice(overrides);
    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/notices',
      headers: bearer(scene.apiKey),
      payload,
    });
    expect([400, 422]).toContain(answer.statusCode);
  });

  it.each(['name', 'mobile', 'email'])('in the %s of an employer is refused', async (field) => {
    const answer = await api.app.inject({
      method: 'PUT',
      url: `/v1/employers/${scene.nationalId}`,
      headers: bearer(scene.apiKey),
      payload: { name: 'شرکت', workshops: [], [field]: `a@b.example\r\nBcc: thief@example.org` },
    });
    expect(answer.statusCode).toBe(400);
  });
});

describe('the log', () => {
  /** Texts that make a terminal or a reader show other text than was written. */
  const UNSEEN = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u;

  it('holds no content of a request, and only whole lines of its own', async () => {
    const evil = '\u001b[2J\u009b31m\u202einjected\r\n{"level":60,"msg":"injected"}';
    written = '';
    const call = (url: string, payload: unknown, headers = {}) =>
      api.app.inject({
        method: 'POST',
        url,
        headers: { ...bearer(scene.apiKey), 'content-type': 'application/json', ...headers },
        payload: JSON.stringify(payload),
      });
    await call('/v1/notices', aNotice({ reference: evil, subject: evil, smsText: evil }));
    await call(`/v1/${encodeURIComponent(evil)}`, {}, { 'x-request-id': 'injected\u009b31m' });
    await call('/v1/inquiries', { nationalId: evil, passcode: evil });
    await call('/v1/inquiries', { nationalId: '1', passcode: '1' }, { 'user-agent': 'injected \u009b31m' });
    await call('/v1/events', {}, { authorization: `Bearer injected`, 'x-forwarded-for': 'injected' });
    const { port } = new URL(base);
    const socket = connect(Number(port), '127.0.0.1').resume();
    socket.write(`GET / HTTP/1.1\r\nHost: here\r\nUser-Agent: ${evil}\r\n\r\n`);
    await new Promise((resolve) => {
      socket.on('error', () => {}).once('close', resolve);
    });
    expect(written.split('\n').filter(Boolean).length).toBeGreaterThan(4);
    for (const line of written.split('\n').filter(Boolean)) {
      expect(JSON.parse(line)).toMatchObject({ name: 'api' });
      expect([line, UNSEEN.test(line), line.includes('injected')]).toEqual([line, false, false]);
    }
  });

  it.each(['\u001b[2J', 'a\nb', '\u009b31m', '\u202ea', ' ', 'x'.repeat(81), 'نام'])(
    'does not hold a job id that is %j',
    (id) => {
      expect(loggableId(id)).toBe('unfit');
    },
  );

  it('holds an ordinary job id', () => {
    expect(loggableId(`n${'0'.repeat(40)}`)).toBe(`n${'0'.repeat(40)}`);
    expect(loggableId(undefined)).toBeUndefined();
  });
});

describe('the name of a file', () => {
  const names = fc
    .string({
      unit: fc.oneof(fc.constantFrom(...'.;"\'%*\\/\u200f ‌رت'), fc.string({ minLength: 1, maxLength: 1 })),
    })
    .filter((name) => noticeSchema.shape.attachments.safeParse([anAttachment(PDF, name)]).success);

  it('has the extension of its content, and no hidden characters', () => {
    fc.assert(
      fc.property(names, (name) => {
        const kept = safeDownloadName(name, 'application/pdf');
        expect(kept).toMatch(/^[^./\\].*\.pdf$/iu);
        expect(kept).not.toMatch(/[\p{Bidi_Control}\p{Cc}]/u);
      }),
    );
  });

  it.each([
    ['form.html', 'form.html.pdf'],
    ['form.pdf.exe', 'form.pdf.exe.pdf'],
    ['..', 'file.pdf'],
    ['.htaccess', 'htaccess.pdf'],
    ['فرم ۱.PDF', 'فرم ۱.PDF'],
    ['exe\u200f.fdp', 'exe.fdp.pdf'],
  ])('of a PDF, %j, is kept as %j', (name, kept) => {
    expect(safeDownloadName(name, 'application/pdf')).toBe(kept);
  });

  it.each(['../../etc/passwd', '..\\..\\boot.ini', 'a/b.pdf', 'exe\u202efdp.pdf', 'a\u0000.pdf'])(
    'is refused when it is a path or reverses letters: %j',
    async (name) => {
      const payload = aNotice({ attachments: [anAttachment(PDF, name)] });
      const headers = bearer(scene.apiKey);
      const answer = await api.app.inject({ method: 'POST', url: '/v1/notices', headers, payload });
      expect(answer.json()).toMatchObject({ code: 'invalid_request' });
    },
  );

  it('is not used on disk: files are stored under ids of ours', async () => {
    const { apiKey } = await addSource(test.db);
    const payload = aNotice({ attachments: [anAttachment(PDF, '..')] });
    await api.app.inject({ method: 'POST', url: '/v1/notices', headers: bearer(apiKey), payload });
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
      one.isFile(),
    );
    expect(files.length).toBeGreaterThan(1);
    for (const { name } of files) expect(name).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it.each([
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/package.json',
    '/docs/static/..%2f..%2fpackage.json',
    '/ops/queues/static/..%2f..%2fpackage.json',
  ])('that is asked for by its path leads to no file: %s', async (url) => {
    const { status, body } = await send(base, { method: 'GET', url, headers: operator.headers });
    expect([400, 404]).toContain(status);
    expect(body).not.toContain('"dependencies"');
  });
});

describe('a file of two formats at once', () => {
  const script = '<html><script>alert(1)</script>';
  const POLYGLOTS: [string, Buffer, string][] = [
    ['a PDF and a page', Buffer.concat([PDF, Buffer.from(script)]), 'application/pdf'],
    [
      'a PDF with a page in its head',
      Buffer.concat([Buffer.from(`%PDF-1.4\n${script}\n`), PDF]),
      'application/pdf',
    ],
    ['a picture and a page', Buffer.concat([PNG, Buffer.from(script)]), 'image/png'],
    ['a photograph and a page', Buffer.concat([JPEG, Buffer.from(script)]), 'image/jpeg'],
  ];

  it.each(POLYGLOTS)(
    'is served as its checked type, runs no script, and is stored with that type: %s',
    async (_, bytes, type) => {
      const owner = await anOwner(api, test.db);
      const contentType = type as 'application/pdf';
      const id = await owner.serve({ attachments: [anAttachment(bytes, 'page.html', contentType)] });
      const [file] = await attachmentsOf(test.db, id);
      const passcode = await issuePermit(owner, id);
      const { nationalId } = owner;
      const headers = bearer((await addSource(test.db)).apiKey);
      const inquired = await api.app.inject({
        method: 'POST',
        url: '/v1/inquiries',
        headers,
        payload: { nationalId, passcode },
      });
      const { pathname, search } = new URL(inquired.json().attachments[0].url);
      for (const url of [
        `/inbox/${id}/attachments/${file}`,
        `/inbox/${id}/attachments/${file}?download=1`,
        pathname + search,
      ]) {
        const answer = await owner.browser.get(url);
        expect(answer.rawPayload.equals(bytes)).toBe(true);
        expect(answer.headers).toMatchObject({
          'content-type': type,
          'x-content-type-options': 'nosniff',
          'content-security-policy': expect.stringMatching(/default-src 'none'.*; sandbox;/),
          'content-disposition': expect.stringMatching(/filename="page\.html\.(pdf|png|jpg)"/),
        });
      }
    },
  );

  it.each([
    ['a page in front of a PDF', Buffer.from(`${script}%PDF-1.4`), 'application/pdf'],
    [
      'a drawing with a script, as a picture',
      Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`),
      'image/png',
    ],
    [
      'a drawing with a script, as itself',
      Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`),
      'image/svg+xml',
    ],
    ['a page as a PDF', Buffer.from(script), 'application/pdf'],
    ['an archive as a PDF', Buffer.from('PK\x03\x04%PDF-1.4'), 'application/pdf'],
    ['a picture that moves', Buffer.from('GIF89a'), 'image/gif'],
    ['a program', Buffer.from('MZ%PDF-1.4'), 'application/pdf'],
  ])('is refused when it is not what it says: %s', async (_, bytes, contentType) => {
    const payload = aNotice({
      attachments: [
        { fileName: 'a', contentType: contentType as 'image/png', content: bytes.toString('base64') },
      ],
    });
    const headers = bearer(scene.apiKey);
    const answer = await api.app.inject({ method: 'POST', url: '/v1/notices', headers, payload });
    expect([400, 422]).toContain(answer.statusCode);
    expect(['invalid_attachment', 'invalid_request']).toContain(answer.json().code);
  });
});
