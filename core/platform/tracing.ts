import {
  type Attributes,
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  type ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { Refusal } from './errors';

/** Where in which trace something happens: what follows from it, also elsewhere and later, can be told so. */
export type TraceContext = Context;

export type { Span } from '@opentelemetry/api';

export interface SpanOptions {
  kind?: 'internal' | 'client' | 'producer' | 'consumer';
  /**
   * What led to the work, by default what runs around it: the span belongs to the trace of the first that is
   * recorded, and is linked to the others. With none it begins a trace of its own.
   */
  origins?: TraceContext[];
}

/** A request being answered. */
export interface RequestSpan {
  /** Runs `work`, and all that follows from it, inside the span. */
  run(work: () => void): void;
  end(status: number): void;
}

const TRACER_NAME = 'ablagh';
const tracer = trace.getTracer(TRACER_NAME);
const noSpan = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

const SPAN_KINDS = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/**
 * Whether somebody traces this process: an SDK is registered. Without one nothing here costs anything, and what
 * is done for traces alone has to ask first.
 */
export const isTracingEnabled = (): boolean =>
  (trace.getTracerProvider() as ProxyTracerProvider).getDelegateTracer(TRACER_NAME) !== undefined;

export const currentTraceContext = (): TraceContext => context.active();

/**
 * Runs `work` in a span. Attributes go to wherever the operator sends traces, so they hold numbers, codes and ids
 * and never a person's data; of an error that passes through, only its code or name is kept. A refusal is none.
 *
 * @param work is given the span, for attributes that are known only later
 */
export async function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
  { kind = 'internal', origins = [currentTraceContext()] }: SpanOptions = {},
): Promise<T> {
  if (!isTracingEnabled()) return work(noSpan);
  const parent = origins.find((origin) => sampledSpanContext(origin)) ?? origins[0] ?? ROOT_CONTEXT;
  const links = origins.flatMap((origin) => (origin === parent ? [] : (sampledSpanContext(origin) ?? [])));
  const options = { kind: SPAN_KINDS[kind], attributes, links: links.map((link) => ({ context: link })) };
  return tracer.startActiveSpan(name, options, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      const { code, name: type } = error as { code?: unknown; name?: string };
      if (!(error instanceof Refusal)) span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', String(code ?? type));
      throw error;
    } finally {
      span.end();
    }
  });
}

function sampledSpanContext(point: TraceContext): SpanContext | undefined {
  const found = trace.getSpanContext(point);
  return found && (found.traceFlags & TraceFlags.SAMPLED) !== 0 ? found : undefined;
}

/** Where we are, in the form of the W3C, to be kept beside work that others will do; null unless it is recorded. */
export function currentTraceParent(): string | null {
  const here = sampledSpanContext(context.active());
  return here ? `00-${here.traceId}-${here.spanId}-01` : null;
}

const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The point a `traceParent` was taken at. */
export function parseTraceParent(traceparent: string): TraceContext {
  const [, traceId, spanId, flags] = TRACE_PARENT.exec(traceparent) ?? [];
  if (!traceId || !spanId || !flags) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}

/**
 * Opens the span of a request, in the trace its caller tells of in the headers, if it does.
 *
 * @param route the pattern, never the address: that may hold a secret
 */
export function startRequestSpan(headers: object, method: string, route: string): RequestSpan {
  const attributes = { 'http.request.method': method, 'http.route': route };
  const caller = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, caller);
  const here = trace.setSpan(caller, span);
  return {
    run: (work) => context.with(here, work),
    end(status) {
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}
