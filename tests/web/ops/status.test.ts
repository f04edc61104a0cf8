import { RULES } from '../../../core/monitoring/findings';
import type { Overview } from '../../../core/monitoring/overview';
import { Unavailable } from '../../../core/platform/errors';
import { useApi } from '../../api/test-api';
import { anOperator } from '../../support/operator';
import { until } from '../../support/until';
import { createVisitor } from '../../support/visitor';
import { textOf } from '../owner';
import { aBadDay, aGoodDay, ago } from './overviews';
import { aViewer, type StatusServer, startStatusServer } from './status-server';

const SCRIPT = '<script>alert(1)</script>"><img src=x onerror=alert(2)>';
const [sms, email] = aGoodDay().lines as [Overview['lines'][number], Overview['lines'][number]];

let server: StatusServer;
let token: string;
afterAll(() => server.close());
const app = useApi();
beforeAll(async () => {
  server = await startStatusServer(app.db, { intervalMs: 0 });
  ({ token } = await aViewer(app.db));
});

const ask = () => server.app.inject({ url: '/ops', cookies: { 'ablagh-ops': token } });
const page = async (overview: Overview): Promise<string> => {
  server.setOverview(overview);
  return (await ask()).body;
};
/** Returns one panel of the page as text. */
const part = (html: string, id: string): string =>
  textOf(new RegExp(`<(section|dl) id="${id}"[\\s\\S]*?</\\1>`).exec(html)?.[0] ?? '');
const findings = (html: string): string[] =>
  [...html.matchAll(/<li class="finding[\s\S]*?<\/li>/g)].map(([one]) => textOf(one));

describe('on a good day', () => {
  it('shows one line without findings, and no number in the title', async () => {
    const html = await page(aGoodDay());
    expect(part(html, 'findings').trim()).toBe('همه چیز روبه‌راه است.');
    expect(html).toMatch(/<title>وضعیت \|/);
  });

  it('shows every figure without JavaScript', async () => {
    const html = await page(aGoodDay());
    expect(part(html, 'key-figures')).toMatch(/پذیرفته در دقیقه گذشته ۲٬۷۰۰ .*سررسیده و در انتظار ۱٬۲۰۲/);
    expect(part(html, 'traffic')).toMatch(/پذیرفته ۲٬۴۸۱ ۴۳٬۴۹۱ ۱۵۵٬۱۹۷ ۲۰۱٬۱۶۹ ۸۹۲/);
    expect(html.match(/<polyline/g)).toHaveLength(5);
    expect(part(html, 'handover')).toMatch(/انبوه ۹۷٫۹٪ ۱٫۴ ۶٫۲ ۱۴ ۱۵۴٬۷۰۲/);
    expect(part(html, 'queues')).toMatch(/پیامک انبوه ۸۴۰ ۳ ثانیه ۵/);
    expect(part(html, 'lines')).toMatch(
      /kavenegar پیامک باز .*۷۴ میلی‌ثانیه .*۴۰۰ .*۱۸۲٬۴۰۰٬۰۰۰ ریال .*۴۵۱ ×۱۲/,
    );
    expect(part(html, 'processes')).toMatch(/کارگر زنده ablagh-2:918 ۹ ساعت ۷ ثانیه پیش/);
    expect(part(html, 'resources')).toMatch(/۲۱۴ مگابایت از ۱ گیگابایت .*۴۶ از ۲۰۰ .*۳۱۸/);
    expect(part(html, 'events')).toMatch(/مکاتبه پذیرفته شد ۱۹۸٬۷۳۷ .*استعلام ناموفق بود ۷/);
  });

  it('shows a missing measurement instead of a figure', async () => {
    const html = await page(
      aGoodDay({
        redis: null,
        postgres: { connections: 0, maxConnections: 0 },
        handover: [],
        lines: [{ ...email, latencyMs: null }],
        queues: [{ queue: 'views', waiting: 0, oldestSeconds: 0, jobs: null }],
        events: [],
      }),
    );
    expect(part(html, 'handover')).toMatch(/فوری — — — — ۰/);
    expect(part(html, 'queues')).toMatch(/ثبت مشاهده‌ها ۰ — —/);
    expect(part(html, 'resources')).toContain('BullMQ روی PostgreSQL است');
    expect(part(html, 'lines')).not.toMatch(/اعتبار|زمان پاسخ/);
    expect(html).not.toMatch(/NaN|undefined|null/);
  });
});

describe('on a bad day', () => {
  it('shows findings on top, most severe first, with start, remedy and link', async () => {
    const html = await page(aBadDay());
    expect(html).toMatch(/<title>\(۵\) وضعیت \|/);
    expect(html.indexOf('id="findings"')).toBeLessThan(html.indexOf('id="key-figures"'));
    const [credit, broken, process, redis, dead, pause] = findings(html);
    expect(credit).toMatch(/خط ⁨kavenegar⁩ موقتاً بسته است از ۱۳:۵۳ ، ۱۲ دقیقه ۴۱۸: اعتبار حساب کافی نیست\./);
    expect(credit).toContain('حساب را شارژ کنید');
    expect(broken).toContain('خط ⁨smtp⁩ پی‌درپی شکست خورد');
    expect(process).toMatch(/کارگر ⁨ablagh-2:918⁩ بی‌خبر خاموش شد از ۱۴:۰۲/);
    expect(redis).toContain('۷۷٪ پر است');
    expect(dead).toMatch(/از ۱۴۰۴\/۰۲\/۲۷ ۱۴:۰۵ ، ۳ روز ۱۴۸ هشدار/);
    expect(pause).toMatch(/مکث: پیامک انبوه از ۱۳:۵۵ .*maryam : تا شارژ حساب/);
    for (const way of ['/ops/steering', '/ops/queues', '/ops/dead-letters'])
      expect(html).toMatch(new RegExp(`<li class="finding[^>]*>(?:(?!</li>)[\\s\\S])*<a href="${way}">`));
  });

  it('has labels for every rule of the watchdog', async () => {
    const detail = '312 s, 4200';
    for (const rule of RULES) {
      const [shown] = findings(
        await page(aGoodDay({ findings: [{ rule, subject: 'sms-bulk', since: ago(60), detail }] })),
      );
      expect(shown).not.toContain(rule);
      expect(shown).toMatch(/[آ-ی]{3}.* از ۱۴:۰۴/);
    }
    const lag = { rule: 'outbox-lag', subject: 'sms-bulk', since: ago(60), detail };
    expect(findings(await page(aGoodDay({ findings: [lag] })))[0]).toMatch(
      /«پیامک انبوه» عقب مانده است .*۵ دقیقه .*۴٬۲۰۰ کار در انتظار/,
    );
  });

  it('shows a rule without labels by its name', async () => {
    const html = await page(
      aGoodDay({ findings: [{ rule: 'disk-full', subject: 'ablagh-1', since: ago(60), detail: '98 %' }] }),
    );
    expect(findings(html)).toEqual([expect.stringMatching(/disk-full: ⁨ablagh-1⁩ .*98 %/)]);
  });

  it.each<[string, Partial<Overview>, string]>([
    [
      'no worker lives',
      { processes: aGoodDay().processes.filter(({ kind }) => kind === 'api') },
      'هیچ کارگری زنده نیست',
    ],
    ['nothing was measured for a while', { measuredSecondsAgo: 300 }, '۵ دقیقه پیش سنجیده شده'],
    ['nothing was ever measured', { measuredSecondsAgo: null }, 'هنوز سنجیده نشده'],
    ['Redis is away', { redis: { away: true, usedBytes: 0, maxBytes: null } }, 'Redis پاسخ نمی‌دهد'],
    ['calls of a line are held back', { lines: [{ ...sms, brokenUntil: ago(-20) }] }, 'پی‌درپی شکست خورد'],
    [
      'a line has just been closed',
      { lines: [{ ...sms, state: 'closed', code: '403' }] },
      'kavenegar⁩ بسته است',
    ],
  ])('never says that all is well when %s, though the watchdog is silent', async (_, changes, words) => {
    const html = await page(aGoodDay(changes));
    expect(findings(html)).toEqual([expect.stringContaining(words)]);
    expect(html).not.toContain('همه چیز روبه‌راه است');
  });

  it('shows a closed line once, also when the watchdog reports it too', async () => {
    const lines = [{ ...sms, state: 'closed' as const, code: '403', since: ago(60) }];
    const found = [{ rule: 'line-closed', subject: 'kavenegar', since: ago(60), detail: '403' }];
    expect(findings(await page(aGoodDay({ lines, findings: found })))).toHaveLength(1);
  });

  it('shows foreign text as text, also HTML', async () => {
    const html = await page(
      aBadDay({
        lines: [
          {
            ...sms,
            name: SCRIPT,
            state: 'closed',
            code: SCRIPT,
            reason: SCRIPT,
            codes: [{ code: SCRIPT, count: 1 }],
          },
        ],
        pauses: [{ channel: 'sms', lane: 'bulk', since: ago(60), operator: SCRIPT, reason: SCRIPT }],
        events: [{ type: SCRIPT, count: 1 }],
        findings: [{ rule: SCRIPT, subject: SCRIPT, since: ago(60), detail: SCRIPT }],
        processes: aGoodDay().processes.map((one) => ({ ...one, host: SCRIPT })),
      }),
    );
    expect(html.split('&lt;script>alert(1)').length).toBeGreaterThan(10);
    expect(html).not.toMatch(/<script>|<img src=x/);
  });
});

describe('the page', () => {
  it('is for signed-in operators and viewers', async () => {
    const nobody = await createVisitor(app.api.app).get('/ops');
    expect([nobody.statusCode, nobody.headers.location]).toEqual([303, '/ops/login']);
    for (const role of ['viewer', 'operator'] as const) {
      const { browser } = await anOperator(app.api, app.db, role);
      const { statusCode, body } = await browser.get('/ops');
      expect([statusCode, /<h1>([^<]+)/.exec(body)?.[1]]).toEqual([200, 'وضعیت']);
    }
  });

  it('reads the real system', async () => {
    await app.db.query(
      `INSERT INTO findings (rule, subject, detail) VALUES ('credit-low', 'kavenegar', '5000')`,
    );
    const { browser } = await anOperator(app.api, app.db);
    // A reading serves for two seconds, so an earlier one may still be shown.
    await until(async () =>
      /اعتبار خط ⁨kavenegar⁩ .*۵٬۰۰۰ ریال/.test(findings((await browser.get('/ops')).body).join()),
    );
  });

  it('has a stream for the same readers, and HEAD explains a refusal', async () => {
    const { browser } = await anOperator(app.api, app.db, 'viewer');
    const head = (cookies: Record<string, string>) =>
      app.api.app.inject({ method: 'HEAD', url: '/ops/stream', cookies });
    for (const cookies of [{}, { 'ablagh-ops': 'A'.repeat(43) }] as Record<string, string>[]) {
      const { statusCode, headers } = await app.api.app.inject({ url: '/ops/stream', cookies });
      expect([statusCode, headers.location]).toEqual([303, '/ops/login']);
      expect((await head(cookies)).statusCode).toBe(303);
    }
    expect((await head({ 'ablagh-ops': browser.token })).statusCode).toBe(204);
  });

  it('loads the charts from this server, under the strict policy', async () => {
    const { headers, body } = await ask();
    const own = [...body.matchAll(/(?:src|href)="(\/assets\/(?:uplot|status)[^"]+)"/g)].map(([, url]) => url);
    expect(own).toHaveLength(3);
    for (const url of own) expect((await server.app.inject(url as string)).statusCode).toBe(200);
    expect(String(headers['content-security-policy'])).toMatch(/script-src 'self'; .*connect-src 'self'/);
    expect(String(headers['content-security-policy'])).not.toContain('unsafe');
    expect(headers['cache-control']).toBe('no-store');
    expect(body).not.toMatch(/\sstyle="|<style|\son\w+="/);
    const home = (await createVisitor(app.api.app).get('/')).body;
    expect(home).not.toMatch(/uplot|assets\/status/);
  });

  it('shows the page for outages while PostgreSQL is down', async () => {
    server.setOverview(new Unavailable('postgres'));
    const answer = await ask();
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
  });
});
