import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { Refusal, Unavailable } from '../../../core/platform/errors';
import {
  currentTraceContext,
  currentTraceParent,
  inSpan,
  isTracingEnabled,
  parseTraceParent,
  startRequestSpan,
} from '../../../core/platform/tracing';
import { originsOf, useTraces } from '../../support/traces';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UNRECORDED = '00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203332-00';
const SPAN_ID = 'b7ad6b7169203331';

describe('without an SDK', () => {
  it('work runs unchanged, and there is no traceparent', async () => {
    expect(isTracingEnabled()).toBe(false);
    const recorded: boolean[] = [];
    const result = await inSpan('a', { n: 1 }, async (span) => {
      recorded.push(span.isRecording());
      return currentTraceParent();
    });
    expect(result).toBeNull();
    expect(recorded).toEqual([false]);
  });

  it('an error passes unchanged', async () => {
    const error = new Error('broken');
    await expect(inSpan('a', {}, () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe('with an SDK', () => {
  const traces = useTraces();
  beforeEach(() => traces.forget());

  const point = () => inSpan('origin', {}, async () => currentTraceContext());
  const spanIdAt = (name: string) => traces.named(name)[0]?.spanContext().spanId;

  it('a span inside a span is its child, also across awaits', async () => {
    expect(isTracingEnabled()).toBe(true);
    await inSpan('outer', {}, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await inSpan('inner', { n: 1 }, async (span) => void span.setAttribute('m', 2), { kind: 'client' });
    });
    const [inner] = traces.named('inner');
    expect(inner?.parentSpanContext?.spanId).toBe(spanIdAt('outer'));
    expect(inner?.attributes).toEqual({ n: 1, m: 2 });
    expect(inner?.kind).toBe(SpanKind.CLIENT);
  });

  it('a stored traceparent is continued', async () => {
    const kept = await inSpan('outer', {}, async () => currentTraceParent());
    await inSpan('later', {}, async () => {}, { origins: [parseTraceParent(kept as string)] });
    expect(originsOf(traces.named('later')[0] as never)).toEqual([spanIdAt('outer')]);
  });

  it('work with several origins continues the first recorded one and is linked to the others', async () => {
    const origins = [
      parseTraceParent(UNRECORDED),
      await point(),
      parseTraceParent(CALLER),
      parseTraceParent('nonsense'),
    ];
    await inSpan('set', {}, async () => {}, { origins });
    expect(originsOf(traces.named('set')[0] as never)).toEqual([spanIdAt('origin'), SPAN_ID]);
  });

  it('work without origins begins a trace of its own, even inside another span', async () => {
    await inSpan('outer', {}, () => inSpan('own', {}, async () => {}, { origins: [] }));
    expect(originsOf(traces.named('own')[0] as never)).toEqual([]);
  });

  it('an unrecorded trace gives no traceparent, and its spans are not recorded', async () => {
    const kept = await inSpan('quiet', {}, async () => currentTraceParent(), {
      origins: [parseTraceParent(UNRECORDED)],
    });
    expect(kept).toBeNull();
    expect(traces.all()).toEqual([]);
  });

  it('a failed span holds only the code or the name of the error', async () => {
    const cause = new Error('0912 is not a number');
    await expect(
      inSpan('a', {}, () => Promise.reject(new Unavailable('postgres', { cause }))),
    ).rejects.toThrow();
    await expect(inSpan('a', {}, () => Promise.reject(cause))).rejects.toBe(cause);
    const spans = traces.named('a');
    expect(spans.map(({ attributes }) => attributes)).toEqual([
      { 'error.type': 'unavailable' },
      { 'error.type': 'Error' },
    ]);
    for (const { status, events } of spans) {
      expect(status).toEqual({ code: SpanStatusCode.ERROR });
      expect(events).toEqual([]);
    }
  });

  it('a refusal does not mark the span as failed', async () => {
    const refused = new Refusal('unknown_employer', 'No employer has this national ID.');
    await expect(inSpan('a', {}, () => Promise.reject(refused))).rejects.toBe(refused);
    expect(traces.named('a')).toMatchObject([
      { status: { code: SpanStatusCode.UNSET }, attributes: { 'error.type': 'unknown_employer' } },
    ]);
  });

  it('a request continues the trace of its caller, and is marked as failed from status 500 on', async () => {
    for (const status of [404, 503]) {
      const span = startRequestSpan({ traceparent: CALLER }, 'GET', '/v1/notices/:id');
      span.run(() => expect(currentTraceParent()).toContain(CALLER.slice(3, 35)));
      span.end(status);
    }
    const spans = traces.named('GET /v1/notices/:id');
    expect(spans.map((span) => originsOf(span))).toEqual([[SPAN_ID], [SPAN_ID]]);
    expect(spans.map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.ERROR]);
    expect(spans[0]?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/v1/notices/:id',
      'http.response.status_code': 404,
    });
  });
});
