import { createHash } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { createKavenegar } from '../../../core/channels/kavenegar/kavenegar';
import { createSmtp } from '../../../core/channels/smtp';
import { MAILBOX_LABELS, RECEIVER_LABELS } from '../../../embedded/outbox/magic-labels';
import { outboxRoutes } from '../../../embedded/outbox/outbox-routes';
import { createIdSource } from '../../../embedded/simulators/id-source';
import { createKavenegarSimulator } from '../../../embedded/simulators/kavenegar-simulator';
import { MAGIC_MAILBOXES } from '../../../embedded/simulators/magic-mailboxes';
import { MAGIC_RECEIVERS } from '../../../embedded/simulators/magic-receivers';
import { createMessagesApi } from '../../../embedded/simulators/messages-api';
import { createSmtpSimulator } from '../../../embedded/simulators/smtp-simulator';

const closing: (() => unknown)[] = [];
let app: FastifyInstance;
let stopSimulators: () => Promise<unknown>;
let sms: ReturnType<typeof createKavenegar>;
let mail: ReturnType<typeof createSmtp>;

beforeEach(async () => {
  const ids = createIdSource();
  const kavenegar = createKavenegarSimulator({ ids });
  const smtp = createSmtpSimulator({ ids });
  const api = createMessagesApi(kavenegar, smtp);
  const [baseUrl, url, apiUrl] = await Promise.all([kavenegar.listen(), smtp.listen(), api.listen()]);
  sms = createKavenegar({ apiKey: kavenegar.apiKey, sender: '10004346', baseUrl });
  mail = createSmtp({ url, from: 'سامانه ابلاغ <notices@ablagh.example>' });
  app = Fastify();
  await app.register(outboxRoutes(apiUrl));
  stopSimulators = () => api.close();
  closing.push(
    () => app.close(),
    () => sms.close(),
    () => mail.close(),
    () => kavenegar.close(),
    () => smtp.close(),
    () => api.close(),
  );
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

let localId = 0;
const sendSms = (messages: { mobile?: string; text: string }[]) =>
  sms.send(
    messages.map(({ mobile = '+989120000001', text }) => {
      localId += 1;
      return { localId: String(localId), mobile, text };
    }),
  );
const sendEmail = (overrides: Partial<Parameters<typeof mail.send>[0]> = {}) =>
  mail.send({
    messageId: '<1@ablagh.example>',
    to: 'arash@example.ir',
    subject: 'مکاتبه تازه',
    text: 'متن ساده نامه',
    html: '<p>متن نامه</p>',
    ...overrides,
  });
const open = (query = '') => app.inject(`/dev/outbox${query}`);

describe('the outbox page', () => {
  it('shows an SMS as its receiver sees it, with cost and status', async () => {
    await sendSms([{ text: 'نخستین خط\nدومین خط' }]);
    const { body, headers, statusCode } = await open();
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain('نخستین خط\nدومین خط');
    expect(body).toContain('۰۹۱۲۰۰۰۰۰۰۱');
    expect(body).toContain('۱۰۰۰۴۳۴۶');
    expect(body).toContain('۱ بخش');
    expect(body).toContain('۱٬۵۰۰ ریال');
    expect(body).toContain('در صف ارسال');
    expect(body).toMatch(/<time datetime="[^"]+">۱۴[۰-۹]{2}\/[۰-۹]{2}\/[۰-۹]{2} [۰-۹]{2}:[۰-۹]{2}/);
  });

  it('shows an email in a sandboxed frame, with its plain text and headers', async () => {
    await sendEmail();
    const { body } = await open();
    expect(body).toContain('مکاتبه تازه');
    expect(body).toContain('arash@example.ir');
    expect(body).toContain('متن ساده نامه');
    expect(body).toContain('auto-submitted: auto-generated');
    const frame = /<iframe src="([^"]+)"[^>]*sandbox=?/.exec(body);
    const email = await app.inject(frame?.[1] as string);
    expect(email.body).toContain('<p>متن نامه</p>');
    expect(email.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none';/);
  });

  it('shows HTML in an SMS, a subject and a plain text as text', async () => {
    const script = '<script>alert(1)</script>';
    await sendSms([{ text: script }]);
    await sendEmail({ subject: `${script}"`, text: script });
    const { body } = await open(`?to=${encodeURIComponent(`"><img src=x onerror=alert(1)>`)}`);
    expect(body).not.toContain('<img');
    const page = (await open()).body;
    expect(page).toContain('&lt;script>alert(1)');
    expect(page).not.toContain('<script>alert');
  });

  it('allows only its own style and script, and loads nothing from elsewhere', async () => {
    await sendSms([{ text: 'سلام' }]);
    const { body, headers } = await open();
    const policy = headers['content-security-policy'] as string;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    for (const tag of ['style', 'script']) {
      const [, content] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(body) as RegExpExecArray;
      const hash = createHash('sha256')
        .update(content as string)
        .digest('base64');
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(body).not.toMatch(/\sstyle="/);
  });

  it('works without JavaScript: it refreshes itself, and everything else is links and a form', async () => {
    const { body } = await open();
    expect(body).toMatch(/<noscript><meta http-equiv="refresh" content="5"\/?><\/noscript>/);
    expect(body).toContain('<html lang="fa" dir="rtl">');
  });

  it('filters by receiver, however the number is written', async () => {
    await sendSms([
      { mobile: '+989120000001', text: 'برای یکم' },
      { mobile: '+989120000002', text: 'برای دوم' },
    ]);
    await sendEmail({ subject: 'برای آرش' });
    for (const to of ['09120000001', '۰۹۱۲۰۰۰۰۰۰۱', '+98 912 000 0001']) {
      const { body } = await open(`?to=${encodeURIComponent(to)}`);
      expect(body).toContain('برای یکم');
      expect(body).not.toContain('برای دوم');
      expect(body).not.toContain('برای آرش');
    }
    expect((await open('?to=ARASH@')).body).toContain('برای آرش');
    expect((await open('?to=nobody')).body).toContain('پیامی پیدا نشد');
  });

  it('shows the newest fifty first, and the older ones on the next page', async () => {
    await sendSms(Array.from({ length: 60 }, (_, i) => ({ text: `پیام${i + 1}.` })));
    const [first, second] = [(await open()).body, (await open('?page=2')).body];
    expect(first.match(/class="bubble"/g)).toHaveLength(50);
    expect(first.indexOf('پیام60.')).toBeLessThan(first.indexOf('پیام11.'));
    expect(first).toContain('href="/dev/outbox?page=2"');
    expect(second.match(/class="bubble"/g)).toHaveLength(10);
    expect(second).toContain('پیام10.');
    expect(second).not.toContain('قدیمی‌ترها');
  });

  it('shows an example command while it is empty', async () => {
    const { body } = await app.inject({ url: '/dev/outbox', headers: { host: 'localhost:3000' } });
    expect(body).toContain('هنوز پیامی فرستاده نشده است');
    expect(body).toContain('curl -sS http://localhost:3000/v1/notices');
  });

  it('accepts any query parameters', async () => {
    for (const query of [
      '?page=0',
      '?page=-1',
      '?page=x',
      '?page=1&page=2',
      '?to=a&to=b',
      '?to=%00',
      '?page=99',
    ]) {
      expect((await open(query)).statusCode).toBe(200);
    }
  });

  it('reports that the simulators are down', async () => {
    await stopSimulators();
    const { body, statusCode } = await open();
    expect(statusCode).toBe(503);
    expect(body).toContain('شبیه‌سازها در دسترس نیستند');
    expect((await app.inject('/dev/outbox/email/1')).statusCode).toBe(404);
  });

  it('answers 404 for an email that never arrived', async () => {
    for (const id of ['1', 'x', '..%2Fmessages']) {
      expect((await app.inject(`/dev/outbox/email/${id}`)).statusCode).toBe(404);
    }
  });

  it('describes every magic receiver and mailbox in Persian', async () => {
    const { body } = await open();
    expect(Object.keys(RECEIVER_LABELS).sort()).toEqual(MAGIC_RECEIVERS.map(({ mobile }) => mobile).sort());
    expect(Object.keys(MAILBOX_LABELS).sort()).toEqual(
      MAGIC_MAILBOXES.map(({ localPart }) => localPart).sort(),
    );
    for (const words of [...Object.values(RECEIVER_LABELS), ...Object.values(MAILBOX_LABELS)]) {
      expect(body).toContain(words);
    }
  });
});
