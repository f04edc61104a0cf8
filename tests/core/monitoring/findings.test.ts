import { createFindings } from '../../../core/monitoring/findings';
import { useDatabase } from '../../support/database';

const test = useDatabase();
const lag = (detail: string) => ({ rule: 'outbox-lag' as const, subject: 'sms-bulk', detail });
const dead = { rule: 'dead-letters' as const, subject: 'alerts', detail: '3' };
const rebuilt = { rule: 'worker-rebuilt' as const, subject: 'views', detail: 'here 7' };

beforeEach(() => test.db.query('TRUNCATE findings'));

describe('a finding', () => {
  it('appears once, keeps its latest figures while it holds, and is resolved once', async () => {
    const findings = createFindings(test.db);
    expect(await findings.reconcile([lag('301 s'), dead])).toEqual({
      appeared: [lag('301 s'), dead],
      resolved: [],
    });
    const [{ since } = { since: null }] = await findings.list();
    expect(await findings.reconcile([lag('306 s'), dead])).toEqual({ appeared: [], resolved: [] });
    expect(await findings.list()).toEqual([
      { ...dead, since },
      { ...lag('306 s'), since },
    ]);
    expect(await findings.reconcile([dead])).toEqual({ appeared: [], resolved: [lag('306 s')] });
    expect(await findings.reconcile([])).toEqual({ appeared: [], resolved: [dead] });
    expect(await findings.list()).toEqual([]);
  });

  it('about an incident stays for an hour, whatever else is found', async () => {
    const findings = createFindings(test.db);
    await findings.raise(rebuilt);
    expect(await findings.reconcile([])).toEqual({ appeared: [], resolved: [] });
    await test.db.query(`UPDATE findings SET since = now() - interval '59 minutes'`);
    await findings.reconcile([]);
    expect(await findings.list()).toMatchObject([rebuilt]);
    await test.db.query(`UPDATE findings SET since = now() - interval '61 minutes'`);
    expect(await findings.reconcile([])).toEqual({ appeared: [], resolved: [rebuilt] });
    expect(await findings.list()).toEqual([]);
  });

  it('about an incident that happens again starts its hour again', async () => {
    const findings = createFindings(test.db);
    await findings.raise(rebuilt);
    await test.db.query(`UPDATE findings SET since = now() - interval '59 minutes'`);
    await findings.raise({ ...rebuilt, detail: 'there 9' });
    const [found] = await findings.list();
    expect(found).toMatchObject({ subject: 'views', detail: 'there 9' });
    expect(Date.now() - (found?.since.getTime() ?? 0)).toBeLessThan(60_000);
  });
});
