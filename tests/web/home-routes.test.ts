import { loadConfig } from '../../core/platform/config';
import { createDatabase } from '../../core/platform/database';
import { SECRET_KEY, startTestApi, useApi } from '../api/test-api';
import { createVisitor, startSession } from '../support/visitor';

const test = useApi();
const visitor = () => createVisitor(test.api.app);
const HTML = { accept: 'text/html,application/xhtml+xml' };

describe('the home page', () => {
  it('has both links to the inbox, the notes, and the link to the panel of government bodies', async () => {
    const { body, statusCode } = await visitor().get('/');
    expect(statusCode).toBe(200);
    expect(body).toContain('<html lang="fa" dir="rtl">');
    expect(body).toMatch(/<a href="\/inbox">مشاهده مکاتبات و ابلاغ های انجام شده توسط سازمان<\/a>/);
    expect(body).toMatch(/تأمین اجتماعی من[\s\S]*<a href="\/inbox">صندوق مکاتبات<\/a>/);
    expect(body).toContain('ابلاغ ها تا تاریخ ۹۸/۰۳/۳۱ از طریق سامانه قبلی با آدرس');
    expect(body).toMatch(/<a href="https:\/\/portal\.tamin\.ir" dir="ltr" rel="noopener noreferrer">/);
    expect(body).toContain('کارفرمایی که فرم تفاهم نامه ابلاغ الکترونیک را در شعبه');
    expect(body).toMatch(/<a href="\/inquiry"[^>]*>پنل مخصوص دستگاههای دولتی و مرجع استعلامات رسمی<\/a>/);
  });

  it('has a link for employers, and says that services for the insured and for pensioners are not here', async () => {
    const { body } = await visitor().get('/');
    const nav = /<nav class="site-nav"[\s\S]*?<\/nav>/.exec(body)?.[0] as string;
    const links = [...nav.matchAll(/<a href="([^"]+)"[^>]*>([^<]+)<\/a>/g)].map(([, href, text]) => [
      href,
      text,
    ]);
    expect(links).toEqual([
      ['/', 'صفحه نخست'],
      ['/#employers', 'کارفرمایان'],
    ]);
    for (const name of ['بیمه شدگان', 'مستمری بگیران'])
      expect(nav).toMatch(new RegExp(`${name} <small>در این سامانه نیست</small>`));
  });

  it('is below 100 kB with everything it loads, and loads nothing from other servers', async () => {
    const { body } = await visitor().get('/');
    const own = [...body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, url]) => url as string);
    expect(own).toHaveLength(3);
    let bytes = Buffer.byteLength(body);
    for (const url of own) {
      const asset = await visitor().get(url);
      expect(asset.statusCode).toBe(200);
      bytes += asset.rawPayload.length;
      for (const [, font] of asset.body.matchAll(/url\("([^"]+)"\)/g))
        bytes += (await visitor().get(font as string)).rawPayload.length;
      if (!url.endsWith('.svg')) expect(asset.body).not.toMatch(/https?:\/\//);
    }
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(100_000);
    expect(body).not.toMatch(/<(?:script|img|link|iframe)[^>]+(?:src|href)="(?:https?:)?\/\//);
  });

  it('is not stored, cannot be framed, and runs only files of this server', async () => {
    const { headers, body } = await visitor().get('/');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    const policy = headers['content-security-policy'] as string;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(body).not.toMatch(/\son\w+="|\sstyle="|<style|<script>/);
  });

  it('loads files that browsers keep for ever under a name of their own', async () => {
    const [, url] = /href="(\/assets\/[^"]+\.css)"/.exec((await visitor().get('/')).body) as RegExpExecArray;
    const answer = await visitor().get(url as string);
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.cookies).toEqual([]);
    expect((await visitor().get('/assets/ablagh-0000000000000000.css')).statusCode).toBe(404);
  });

  it('shows who is signed in, and the logout', async () => {
    const guest = visitor();
    guest.token = await startSession(test.db);
    const { body } = await guest.get('/');
    expect(body).toContain('شرکت نمونه');
    expect(body).toMatch(/<form method="post" action="\/logout"/);
  });
});

describe('an error', () => {
  it('is a page in Persian for people, and a JSON problem for programs', async () => {
    const page = await visitor().get('/nothing-here', HTML);
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(page.body).toContain('چنین صفحه‌ای نیست');
    for (const [url, headers] of [
      ['/nothing-here', {}],
      ['/v1/nothing-here', HTML],
      ['/docs/nothing-here', HTML],
      ['/callbacks/kavenegar/wrong', HTML],
    ] as const) {
      const answer = await visitor().get(url, headers);
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'application/problem+json']);
    }
  });

  it('of the database is a page with the request id, and without internal details', async () => {
    const db = createDatabase('postgres://nobody@127.0.0.1:1/nothing');
    const away = await startTestApi(db);
    const guest = createVisitor(away.app, 'A'.repeat(43));
    const answer = await guest.get('/', { 'x-request-id': 'request-7' });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.body).toContain('سامانه اکنون در دسترس نیست');
    expect(answer.body).toContain('request-7');
    expect(answer.body).not.toContain('127.0.0.1');
    await away.close();
    await db.close();
  });
});

describe('over https', () => {
  it('the cookie is bound to the host, and browsers keep using https', async () => {
    const config = { ...loadConfig({ PUBLIC_URL: 'https://ablagh.example' }), SECRET_KEY };
    const secure = await startTestApi(test.db, { config });
    const answer = await secure.app.inject('/');
    expect(answer.cookies).toMatchObject([{ name: '__Host-ablagh', secure: true, path: '/' }]);
    expect(answer.cookies[0]).not.toHaveProperty('domain');
    expect(answer.headers['strict-transport-security']).toContain('max-age=');
    await secure.close();
  });
});
