import { createOperatorSessions } from '../../../core/operators/operator-sessions';
import { createDatabase } from '../../../core/platform/database';
import { startTestApi } from '../../api/test-api';
import { createTcpProxy, throughProxy } from '../../support/tcp-proxy';
import { until } from '../../support/until';
import { aBadDay, aGoodDay } from '../ops/overviews';
import { ALL_WELL, isMarked, mark, useStatusPage } from './status-page';
import { violations } from './violations';

const status = useStatusPage();

describe('during an outage', () => {
  it('PostgreSQL is named, the page goes on asking, and the status comes back without a reload', async () => {
    const proxy = await createTcpProxy(Number(new URL(status.test.url).port));
    const db = createDatabase(throughProxy(status.test.url, proxy));
    const api = await startTestApi(db);
    const url = await api.listen();
    const { page, token, problems, close } = await status.look(url);
    await mark(page);
    await proxy.cut();
    await page.getByText('پایگاه داده (PostgreSQL) پاسخ نمی‌دهد.').waitFor();
    expect(await page.getByText('ارتباط با سرور قطع است.').isVisible()).toBe(false);
    const seen = await page.locator('#pulse time').getAttribute('datetime');
    const anew = await fetch(`${url}/ops`, { headers: { cookie: `ablagh-ops=${token}` } });
    expect([anew.status, anew.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await anew.text()).toMatch(/<bdi dir="ltr">PostgreSQL<\/bdi> پاسخ نمی‌دهد/);
    await proxy.restore();
    await page.getByText('پایگاه داده (PostgreSQL) پاسخ نمی‌دهد.').waitFor({ state: 'hidden' });
    await until(async () => (await page.locator('#pulse time').getAttribute('datetime')) !== seen);
    expect(await isMarked(page)).toBe(true);
    expect(problems).toEqual([]);
    await close();
    await api.close();
    await db.close();
    await proxy.close();
  });

  it('PostgreSQL is named also by a restarted server, which cannot read sessions', async () => {
    const proxy = await createTcpProxy(Number(new URL(status.test.url).port));
    const db = createDatabase(throughProxy(status.test.url, proxy));
    const api = await startTestApi(db);
    const front = await createTcpProxy(Number(new URL(await api.listen()).port));
    const { page, close } = await status.look(`http://127.0.0.1:${front.port}`);
    await mark(page);
    await Promise.all([proxy.cut(), front.cut()]);
    await front.restore();
    await page.getByText('پایگاه داده (PostgreSQL) پاسخ نمی‌دهد.').waitFor();
    await proxy.restore();
    await page.getByText('پایگاه داده (PostgreSQL) پاسخ نمی‌دهد.').waitFor({ state: 'hidden' });
    expect(await isMarked(page)).toBe(true);
    await close();
    await front.close();
    await api.close();
    await db.close();
    await proxy.close();
  });

  it('the server is named, the page does not claim that all is well, and the status comes back', async () => {
    status.server.setOverview(aGoodDay());
    const front = await createTcpProxy(Number(new URL(status.server.url).port));
    const { page, close } = await status.look(`http://127.0.0.1:${front.port}`);
    await mark(page);
    await page.getByText(ALL_WELL).waitFor();
    await front.cut();
    await page.getByText('ارتباط با سرور قطع است.').waitFor();
    expect(await page.getByText(ALL_WELL).isVisible()).toBe(false);
    expect(await violations(page)).toEqual([]);
    status.server.setOverview(aBadDay());
    await front.restore();
    await page.getByText('ارتباط با سرور قطع است.').waitFor({ state: 'hidden' });
    await page.getByRole('heading', { name: 'موقتاً بسته است' }).waitFor();
    expect(await isMarked(page)).toBe(true);
    await close();
    await front.close();
  });

  it('of the session itself the page leads to the sign-in', async () => {
    const api = await startTestApi(status.test.db);
    const front = await createTcpProxy(Number(new URL(await api.listen()).port));
    const { page, token, close } = await status.look(`http://127.0.0.1:${front.port}`);
    await createOperatorSessions(status.test.db).end(token);
    await front.cut();
    await front.restore();
    await page.waitForURL('**/ops/login');
    await close();
    await front.close();
    await api.close();
  });
});
