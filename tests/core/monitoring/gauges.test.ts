import { createLines } from '../../../core/channels/lines';
import { createFindings } from '../../../core/monitoring/findings';
import { registerGauges } from '../../../core/monitoring/gauges';
import { createMeasurements } from '../../../core/monitoring/measure/measurements';
import type { Queryable } from '../../../core/platform/database';
import { Unavailable } from '../../../core/platform/errors';
import { createMetrics } from '../../../core/platform/metrics';
import { useDatabase } from '../../support/database';
import { clearMonitoring, measured } from './monitoring-scene';

const test = useDatabase();

beforeEach(() => clearMonitoring(test.db));

describe('the gauges', () => {
  const scrape = async (db: Queryable = test.db) => {
    const metrics = createMetrics();
    registerGauges(metrics, db);
    return (await metrics.scrape()).split('\n').filter((line) => line.startsWith('ablagh_'));
  };

  it('report what the observer measured', async () => {
    await createMeasurements(test.db).store(measured);
    await createFindings(test.db).raise({ rule: 'worker-rebuilt', subject: 'views', detail: 'a 1' });
    await createLines(test.db).disable('kavenegar', 'closed', '403', 'no');
    const series = await scrape();
    expect(series).toEqual(
      expect.arrayContaining([
        'ablagh_outbox_due{queue="sms-bulk"} 500000',
        'ablagh_outbox_due{queue="views"} 0',
        'ablagh_outbox_oldest_seconds{queue="sms-bulk"} 77.5',
        'ablagh_queue_jobs{queue="notices"} 0',
        'ablagh_queue_jobs{queue="permits"} 11',
        'ablagh_line_open{line="kavenegar",channel="sms"} 0',
        'ablagh_line_open{line="smtp",channel="email"} 1',
        'ablagh_line_broken{line="kavenegar"} 0',
        'ablagh_line_credit_rials{line="kavenegar"} 5000',
        'ablagh_unknown_oldest_seconds 60',
        'ablagh_dead_letters 3',
        'ablagh_permits_overdue 1',
        'ablagh_redis_used_bytes 700',
        'ablagh_redis_max_bytes 1000',
        'ablagh_postgres_connections 12',
        'ablagh_postgres_max_connections 100',
        'ablagh_findings{rule="worker-rebuilt"} 1',
        'ablagh_findings{rule="outbox-lag"} 0',
      ]),
    );
    expect(series.join('\n')).toMatch(/ablagh_measured_seconds_ago \d/);
  });

  it('are absent, rather than wrong, before the first measurement and while PostgreSQL is away', async () => {
    const absent = /^ablagh_(outbox|queue_jobs|dead|permits|redis|postgres|unknown|measured)/;
    expect((await scrape()).filter((line) => absent.test(line))).toEqual([]);
    await createMeasurements(test.db).store(measured);
    const metrics = createMetrics();
    let away = false;
    registerGauges(metrics, {
      query: async (sql, values) => {
        if (away) throw new Unavailable('postgres');
        return test.db.query(sql, values);
      },
    });
    expect(await metrics.scrape()).toMatch(/^ablagh_dead_letters 3$/m);
    away = true;
    const series = (await metrics.scrape()).split('\n');
    expect(series.filter((line) => absent.test(line) || /^ablagh_(line|findings)/.test(line))).toEqual([]);
    away = false;
    expect(await metrics.scrape()).toMatch(/^ablagh_dead_letters 3$/m);
  });

  it('are absent for a Redis that is away, and for a memory limit it does not have', async () => {
    await createMeasurements(test.db).store({ redis: { away: false, usedBytes: 7, maxBytes: null } });
    const ofRedis = async () => (await scrape()).filter((line) => line.startsWith('ablagh_redis'));
    expect(await ofRedis()).toEqual(['ablagh_redis_used_bytes 7']);
    await createMeasurements(test.db).store({ redis: { away: true, usedBytes: 7, maxBytes: null } });
    expect(await ofRedis()).toEqual([]);
  });
});
