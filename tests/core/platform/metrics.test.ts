import { createMetrics } from '../../../core/platform/metrics';

const lines = async (metrics: ReturnType<typeof createMetrics>, name: string) =>
  (await metrics.scrape()).split('\n').filter((line) => line.startsWith(name));

describe('the metrics of a process', () => {
  it('put a whole set of handovers into their buckets at once, cumulative as Prometheus wants them', async () => {
    const metrics = createMetrics();
    metrics.observeHandover('sms', 'bulk', [0.05, 0.06, 10, 4000]);
    metrics.observeHandover('sms', 'bulk', [9]);
    const told = await lines(metrics, 'ablagh_handover_seconds');
    const bucket = (le: string) => `ablagh_handover_seconds_bucket{channel="sms",lane="bulk",le="${le}"}`;
    expect(told).toContain(`${bucket('0.05')} 1`);
    expect(told).toContain(`${bucket('0.1')} 2`);
    expect(told).toContain(`${bucket('5')} 2`);
    expect(told).toContain(`${bucket('10')} 4`);
    expect(told).toContain(`${bucket('3600')} 4`);
    expect(told).toContain(`${bucket('+Inf')} 5`);
    expect(told).toContain('ablagh_handover_seconds_count{channel="sms",lane="bulk"} 5');
    expect(told).toContain('ablagh_handover_seconds_sum{channel="sms",lane="bulk"} 4019.11');
  });

  it('keep lanes and channels apart', async () => {
    const metrics = createMetrics();
    metrics.observeHandover('sms', 'bulk', [1]);
    metrics.observeHandover('email', 'bulk', [1, 1]);
    expect(await lines(metrics, 'ablagh_handover_seconds_count')).toEqual([
      'ablagh_handover_seconds_count{channel="sms",lane="bulk"} 1',
      'ablagh_handover_seconds_count{channel="email",lane="bulk"} 2',
    ]);
  });

  it('make only so many labels of the codes a provider makes up', async () => {
    const metrics = createMetrics();
    for (let code = 1000; code < 1500; code += 1)
      metrics.countCall({ line: 'kavenegar', method: 'sms/send', seconds: 0.1, code: `${code}` });
    metrics.countCall({ line: 'kavenegar', method: 'sms/send', seconds: 0.1, code: '1000' });
    metrics.countCall({ line: 'second', method: 'sms/send', seconds: 0.1, code: '"}\n<script>' });
    metrics.countCall({ line: 'second', method: 'sms/send', seconds: 0.1, code: '418' });
    const told = await lines(metrics, 'ablagh_provider_answers_total');
    expect(told).toHaveLength(63);
    expect(told).toContain('ablagh_provider_answers_total{line="kavenegar",code="1000"} 2');
    expect(told).toContain('ablagh_provider_answers_total{line="kavenegar",code="other"} 440');
    expect(told).toContain('ablagh_provider_answers_total{line="second",code="418"} 1');
    expect(told).toContain('ablagh_provider_answers_total{line="second",code="other"} 1');
  });

  it('tell how long calls took, by line and method', async () => {
    const metrics = createMetrics();
    metrics.countCall({ line: 'kavenegar', method: 'sms/sendarray', seconds: 0.2, code: '200' });
    expect(await lines(metrics, 'ablagh_provider_call_seconds_bucket')).toContain(
      'ablagh_provider_call_seconds_bucket{line="kavenegar",method="sms/sendarray",le="0.25"} 1',
    );
  });

  it('count epoch changes from zero, so that the first is seen as a change', async () => {
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

  it('tell requests by route and by class of status', async () => {
    const metrics = createMetrics();
    metrics.countRequest({ method: 'GET', route: '/inbox/:id', status: 404, seconds: 0.01 });
    expect(await lines(metrics, 'ablagh_http_request_seconds_count')).toEqual([
      'ablagh_http_request_seconds_count{method="GET",route="/inbox/:id",status="4xx"} 1',
    ]);
  });
});
