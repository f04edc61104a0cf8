import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { EmailMessage } from '../../../core/channels/email-channel';
import { ChannelClosed, type ProviderCall } from '../../../core/channels/outcomes';
import { createSmtp, type SmtpSettings } from '../../../core/channels/smtp';
import { createSmtpSimulator, type SmtpSimulator } from '../../../embedded/simulators/smtp-simulator';
import { createTcpProxy, throughProxy } from '../../support/tcp-proxy';
import { until } from '../../support/until';
import { verifyDkim } from './verify-dkim';

let simulator: SmtpSimulator;
let url: string;
const opened: { close(): unknown }[] = [];

beforeEach(async () => {
  simulator = createSmtpSimulator();
  url = await simulator.listen();
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  await simulator.close();
});

function channel(settings: Partial<SmtpSettings> = {}) {
  const smtp = createSmtp({ url, from: 'سامانه ابلاغ <notices@ablagh.example>', ...settings });
  opened.push(smtp);
  return smtp;
}

/** A mail server whose rules are those given. */
async function mailServer(options: SMTPServerOptions): Promise<string> {
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  opened.push({ close: () => new Promise<void>((closed) => server.close(closed)) });
  return `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}

/** A server that does to each connection what it is told. */
async function tcpServer(serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const anEmail = (to = 'ali@example.org', overrides: Partial<EmailMessage> = {}): EmailMessage => ({
  messageId: '<12.0190f@ablagh.example>',
  to,
  subject: 'مکاتبه تازه در صندوق مکاتبات شما؛ شماره پیگیری ۱۲۳۴۵۶۷۸۹۰۱۲',
  text: 'متن پیام\n.\nپایان',
  html: '<p dir="rtl">متن پیام</p>',
  ...overrides,
});
const refusal = (responseCode: number) => Object.assign(new Error('no'), { responseCode });

describe('an accepted message', () => {
  it('has its own Message-ID, and arrives whole', async () => {
    expect(await channel().send(anEmail())).toEqual({
      outcome: 'accepted',
      providerMessageId: '<12.0190f@ablagh.example>',
      code: '250',
      parts: null,
      cost: null,
    });
    expect(simulator.messages()).toMatchObject([
      {
        messageId: '<12.0190f@ablagh.example>',
        from: '"سامانه ابلاغ" <notices@ablagh.example>',
        to: ['ali@example.org'],
        subject: 'مکاتبه تازه در صندوق مکاتبات شما؛ شماره پیگیری ۱۲۳۴۵۶۷۸۹۰۱۲',
        text: expect.stringMatching(/^متن پیام\n\.\nپایان\n?$/),
        html: expect.stringContaining('<p dir="rtl">متن پیام</p>'),
      },
    ]);
  });

  it('is measured with its time and code, and so is a failed one', async () => {
    const calls: ProviderCall[] = [];
    const smtp = channel({ onCall: (call) => calls.push(call) });
    await smtp.send(anEmail());
    await simulator.close();
    await smtp.send(anEmail());
    const about = { line: 'smtp', method: 'send', seconds: expect.any(Number) };
    expect(calls).toEqual([
      { ...about, code: '250' },
      { ...about, code: expect.stringMatching(/^E[A-Z]+$/) },
    ]);
  });

  it('carries the same Message-ID when it comes again', async () => {
    const smtp = channel();
    await smtp.send(anEmail());
    await smtp.send(anEmail());
    const ids = simulator.messages().map(({ messageId }) => messageId);
    expect(ids).toEqual(Array(2).fill('<12.0190f@ablagh.example>'));
  });

  it('shares its connections with others, up to the concurrency of the channel', async () => {
    const smtp = channel({ connections: 3 });
    expect(smtp.concurrency).toBe(3);
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => smtp.send(anEmail())));
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
    expect(simulator.count()).toBe(30);
  });

  it('is sent although the connection of the message before it broke', async () => {
    const smtp = channel({ connections: 1 });
    await smtp.send(anEmail('drop@example.org'));
    expect(await smtp.send(anEmail())).toMatchObject({ outcome: 'accepted' });
  });
});

describe('the headers', () => {
  it('mark the message as automatic, and offer no unsubscribing by default', async () => {
    await channel().send(anEmail());
    expect(simulator.messages()[0]?.headers).toMatchObject({ 'auto-submitted': 'auto-generated' });
    expect(simulator.messages()[0]?.headers).not.toHaveProperty('list-unsubscribe');
  });

  it('name the address to unsubscribe when it is configured', async () => {
    await channel({ listUnsubscribe: 'mailto:stop@ablagh.example' }).send(anEmail());
    expect(simulator.messages()[0]?.headers['list-unsubscribe']).toBe('<mailto:stop@ablagh.example>');
  });

  it('hold a DKIM signature that can be verified, when a key is configured', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const dkim = {
      domainName: 'ablagh.example',
      keySelector: 'mail',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    expect(await channel({ dkim }).send(anEmail())).toMatchObject({ outcome: 'accepted' });
    const raw = simulator.messages()[0]?.raw as string;
    expect(verifyDkim(raw, publicKey)).toEqual({
      domain: 'ablagh.example',
      selector: 'mail',
      headers: expect.arrayContaining(['from', 'to', 'subject', 'message-id', 'content-type']),
      bodyIsIntact: true,
      signatureHolds: true,
    });
    const forged = raw.replace('Message-ID: <12.', 'Message-ID: <13.');
    expect(verifyDkim(forged, publicKey)).toMatchObject({ bodyIsIntact: true, signatureHolds: false });
  });

  it('cannot be extended by the contents of a message', async () => {
    const evil = 'شرکت\r\nBcc: thief@example.org\r\nX-Evil: 1\r\n\r\nbody';
    await channel({ from: `${evil} <notices@ablagh.example>` }).send(
      anEmail('ali@example.org', { subject: evil, messageId: `<1@a.example>${evil}` }),
    );
    const [email] = simulator.messages();
    expect(email?.to).toEqual(['ali@example.org']);
    expect(Object.keys(email?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(bcc|x-evil)$/)]),
    );
    expect(email?.html).toContain('متن پیام');
  });

  it.each([
    'ali@example.org, thief@example.org',
    'ali@example.org\r\nBcc: thief@example.org',
    'thief@example.org <ali@example.org>',
    'group: thief@example.org, ali@example.org;',
  ])('cannot direct the message to a second mailbox: %j', async (to) => {
    await channel().send(anEmail(to));
    expect(simulator.messages().flatMap((email) => email.to)).not.toContain('thief@example.org');
  });
});

describe('a refusal', () => {
  it.each([
    [550, 'rejected'],
    [553, 'rejected'],
    [450, 'try_later'],
    [451, 'try_later'],
  ])('of the recipient with %d is %s', async (code, outcome) => {
    simulator.setBehaviour(({ stage }) => (stage === 'rcpt' ? { code } : 'pass'));
    expect(await channel().send(anEmail())).toEqual({
      outcome,
      code: String(code),
      detail: expect.stringContaining(`RCPT TO ${code}`),
    });
    expect(simulator.count()).toBe(0);
  });

  it.each([
    [552, 'rejected'],
    [554, 'rejected'],
    [452, 'try_later'],
    [421, 'try_later'],
  ])('of the content with %d is %s', async (code, outcome) => {
    simulator.setBehaviour(({ stage }) => (stage === 'data' ? { code } : 'pass'));
    expect(await channel().send(anEmail())).toMatchObject({ outcome, code: String(code) });
    expect(simulator.count()).toBe(0);
  });

  it.each([
    [550, 'rejected'],
    [451, 'try_later'],
  ])('of the sender with %d is %s', async (code, outcome) => {
    const refusing = await mailServer({ onMailFrom: (_address, _session, done) => done(refusal(code)) });
    expect(await channel({ url: refusing }).send(anEmail())).toMatchObject({ outcome, code: String(code) });
  });

  it.each([554, 521, 421])('of the connection with %d is about the server: try later', async (code) => {
    const refusing = await tcpServer((socket) => socket.end(`${code} not here\r\n`));
    expect(await channel({ url: refusing }).send(anEmail())).toMatchObject({
      outcome: 'try_later',
      code: String(code),
    });
  });

  it('never passes on the address', async () => {
    const refusing = await mailServer({
      onRcptTo: ({ address }, _session, done) =>
        done(Object.assign(new Error(address), { responseCode: 550 })),
    });
    const outcome = await channel({ url: refusing }).send(anEmail('ali.secret@example.org'));
    expect(JSON.stringify(outcome)).not.toContain('ali.secret');
  });
});

describe('the credentials', () => {
  const withLogin = (address: string) => address.replace('smtp://', 'smtp://ablagh:wrong@');

  it('close the channel when they are refused, and stand in no error', async () => {
    const refusing = await mailServer({ onAuth: (_auth, _session, done) => done(refusal(535)) });
    const error = await channel({ url: withLogin(refusing) })
      .send(anEmail())
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChannelClosed);
    expect(error).toMatchObject({ providerCode: '535', reopensByItself: false });
    expect(String((error as Error).stack)).not.toContain('wrong@');
  });

  it('only put the message off when the server cannot check them just now', async () => {
    const refusing = await mailServer({ onAuth: (_auth, _session, done) => done(refusal(454)) });
    expect(await channel({ url: withLogin(refusing) }).send(anEmail())).toMatchObject({
      outcome: 'try_later',
      code: '454',
    });
  });

  it('are sent to a server that asks for them', async () => {
    expect(await channel({ url: withLogin(url) }).send(anEmail())).toMatchObject({ outcome: 'accepted' });
  });
});

describe('silence', () => {
  it('before the content left is not sent', async () => {
    simulator.setBehaviour(({ stage }) => (stage === 'rcpt' ? 'silent' : 'pass'));
    expect(await channel({ timeoutMs: 250 }).send(anEmail())).toMatchObject({ outcome: 'not_sent' });
    expect(simulator.count()).toBe(0);
  });

  it('of a server that never greets is not sent', async () => {
    const silent = await tcpServer(() => {});
    expect(await channel({ url: silent, timeoutMs: 250 }).send(anEmail())).toMatchObject({
      outcome: 'not_sent',
    });
  });

  it('after the content left is unknown', async () => {
    simulator.setBehaviour(({ stage }) => (stage === 'data' ? 'silent' : 'pass'));
    expect(await channel({ timeoutMs: 250 }).send(anEmail())).toMatchObject({ outcome: 'unknown' });
    expect(simulator.count()).toBe(1);
  });
});

describe('a connection', () => {
  it('that breaks after the content is unknown, and the message is not sent again', async () => {
    expect(await channel().send(anEmail('drop@example.org'))).toEqual({
      outcome: 'unknown',
      code: expect.any(String),
      detail: 'the connection was lost while the message was being handed over',
    });
    expect(simulator.count()).toBe(1);
  });

  it('that breaks at the recipient is not sent', async () => {
    simulator.setBehaviour(({ stage }) => (stage === 'rcpt' ? 'drop' : 'pass'));
    expect(await channel().send(anEmail())).toMatchObject({ outcome: 'not_sent' });
    expect(simulator.count()).toBe(0);
  });

  it('that breaks before the greeting is not sent', async () => {
    const dropping = await tcpServer((socket) => socket.destroy());
    expect(await channel({ url: dropping }).send(anEmail())).toMatchObject({ outcome: 'not_sent' });
  });

  it('that breaks in the middle of the content is unknown', async () => {
    const dropping = await tcpServer((socket) => {
      socket.write('220 hello\r\n');
      socket.on('data', (chunk) => {
        if (/^(EHLO|MAIL|RCPT)/.test(String(chunk))) socket.write('250 ok\r\n');
        else if (/^DATA/.test(String(chunk))) socket.write('354 go\r\n');
        else socket.destroy();
      });
    });
    const long = anEmail('ali@example.org', { text: 'ا'.repeat(2_000_000) });
    expect(await channel({ url: dropping }).send(long)).toMatchObject({ outcome: 'unknown' });
  });

  it('that no server accepts is not sent', async () => {
    await simulator.close();
    expect(await channel().send(anEmail())).toMatchObject({ outcome: 'not_sent' });
  });

  it('to an unknown host is not sent', async () => {
    const lost = channel({ url: 'smtp://nowhere.invalid', timeoutMs: 3_000 });
    expect(await lost.send(anEmail())).toMatchObject({ outcome: 'not_sent' });
  });

  it('that broke while it was idle leaves nothing unknown: the next message opens another', async () => {
    const proxy = await createTcpProxy(Number(new URL(url).port));
    opened.push(proxy);
    const smtp = channel({ url: throughProxy(url, proxy), connections: 1 });
    expect(await smtp.send(anEmail())).toMatchObject({ outcome: 'accepted' });
    await proxy.cut();
    await proxy.restore();
    const outcomes: string[] = [];
    await until(async () => {
      const { outcome } = await smtp.send(anEmail());
      outcomes.push(outcome);
      return outcome === 'accepted';
    });
    expect(outcomes).not.toContain('unknown');
    expect(simulator.count()).toBe(2);
  });
});
