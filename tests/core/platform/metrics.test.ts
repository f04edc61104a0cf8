import { createMetrics } from '../../../core/platform/metrics';

const lines = async (metrics: ReturnType<typeof createMetrics>, name: string) =>
  (await metrics.scrape()).split('\n').filter((line) => line.startsWith(name));

describe('the metrics of a process', () => {
  it('count the hand-overs of a set in cumulative buckets, as Prometheus defines them', async () => {
    const metrics = createMetrics();
    metrics.observeHandover('sms', 'bulk', [0.05, 0.06, 10, 4000]);
    metrics.observeHandover('sms', 'bulk', [9]);
    const written = await lines(metrics, 'ablagh_handover_seconds');
    const bucket = (le: string) => `ablagh_handover_seconds_bucket{le="${le}",channel="sms",lane="bulk"}`;
    expect(written).toContain(`${bucket('0.05')} 1`);
    expect(written).toContain(`${bucket('0.1')} 2`);
    expect(written).toContain(`${bucket('5')} 2`);
    expect(written).toContain(`${bucket('10')} 4`);
    expect(written).toContain(`${bucket('3600')} 4`);
    expect(written).toContain(`${bucket('+Inf')} 5`);
    expect(written).toContain('ablagh_handover_seconds_count{channel="sms",lane="bulk"} 5');
    expect(written).toContain('ablagh_handover_seconds_sum{channel="sms",lane="bulk"} 4019.11');
  });

  it('count lanes and channels separately', async () => {
    const metrics = createMetrics();
    metrics.observeHandover('sms', 'bulk', [1]);
    metrics.observeHandover('email', 'bulk', [1, 1]);
    expect(await lines(metrics, 'ablagh_handover_seconds_count')).toEqual([
      'ablagh_handover_seconds_count{channel="sms",lane="bulk"} 1',
      'ablagh_handover_seconds_count{channel="email",lane="bulk"} 2',
    ]);
  });

  it('limit the labels of codes that a provider sends', async () => {
    const metrics = createMetrics();
    for (let code = 1000; code < 1500; code += 1)
      metrics.countCall({ line: 'kavenegar', method: 'sms/send', seconds: 0.1, code: `${code}` });
    metrics.countCall({ line: 'kavenegar', method: 'sms/send', seconds: 0.1, code: '1000' });
    metrics.countCall({ line: 'second', method: 'sms/send', seconds: 0.1, code: '"}\n<script>' });
    metrics.countCall({ line: 'second', method: 'sms/send', seconds: 0.1, code: '418' });
    const written = await lines(metrics, 'ablagh_provider_answers_total');
    expect(written).toHaveLength(63);
    expect(written).toContain('ablagh_provider_answers_total{line="kavenegar",code="1000"} 2');
    expect(written).toContain('ablagh_provider_answers_total{line="kavenegar",code="other"} 440');
    expect(written).toContain('ablagh_provider_answers_total{line="second",code="418"} 1');
    expect(written).toContain('ablagh_provider_answers_total{line="second",code="other"} 1');
  });

  it('measure calls by line and method', async () => {
    const metrics = createMetrics();
    metrics.countCall({ line: 'kavenegar', method: 'sms/sendarray', seconds: 0.2, code: '200' });
    expect(await lines(metrics, 'ablagh_provider_call_seconds_bucket')).toContain(
      'ablagh_provider_call_seconds_bucket{le="0.25",line="kavenegar",method="sms/sendarray"} 1',
    );
  });

  it('show epoch changes from zero on, so that the first one is an increase', async () => {
    const metrics = createMetrics();
    expect(await lines(metrics, 'ablagh_queue_epoch_changes_total')).toEqual([
      'ablagh_queue_epoch_changes_total 0',
    ]);
    metrics.countEpochChange();
    metrics.countRebuild('views');
    expect(await lines(metrics, 'ablagh_queue_epoch_changes_total')).toEqual([
      'ablagh_queue_epoch_changes_total 1',
    ]);
    expect(await lines(metrics, 'ablagh_worker_rebuilds_total')).toEqual([
      'ablagh_worker_rebuilds_total{queue="views"} 1',
    ]);
  });

  it('count requests by route and by class of status', async () => {
    const metrics = createMetrics();
    metrics.countRequest({ method: 'GET', route: '/inbox/:id', status: 404, seconds: 0.01 });
    expect(await lines(metrics, 'ablagh_http_request_seconds_count')).toEqual([
      'ablagh_http_request_seconds_count{method="GET",route="/inbox/:id",status="4xx"} 1',
    ]);
  });

  it('give the operators each bucket without the lower ones, and none that is empty', async () => {
    const metrics = createMetrics();
    metrics.observeHandover('sms', 'bulk', [0.06, 4000, 0.07]);
    metrics.observeHandover('email', 'bulk', [10]);
    metrics.countCall({ line: 'kavenegar', method: 'sms/send', seconds: 26, code: '200' });
    const { handover, calls } = await metrics.readTraffic();
    expect(handover).toEqual([
      { labels: { channel: 'sms', lane: 'bulk' }, bound: 0.1, count: 2 },
      { labels: { channel: 'sms', lane: 'bulk' }, bound: Infinity, count: 1 },
      { labels: { channel: 'email', lane: 'bulk' }, bound: 10, count: 1 },
    ]);
    expect(calls).toEqual([{ labels: { line: 'kavenegar', method: 'sms/send' }, bound: Infinity, count: 1 }]);
  });
});
