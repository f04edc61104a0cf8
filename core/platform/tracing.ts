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

/** A point in a trace. Work that follows from it, in another process or later, can continue the trace from there. */
export type TraceContext = Context;

export type { Span } from '@opentelemetry/api';

export interface SpanOptions {
  kind?: 'internal' | 'client' | 'producer' | 'consumer';
  /**
   * Points that led to the work, by default the surrounding span. The span belongs to the trace of the first recorded point, and is
   * linked to the others. Without points it begins a trace of its own.
   */
  origins?: TraceContext[];
}

/** The span of a request while it is being answered. */
export interface RequestSpan {
  /** Runs `work`, and everything asynchronous it starts, inside the span. */
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
 * Tells whether an OpenTelemetry SDK is registered. Without one, nothing here costs anything; work that is done for traces alone has to
 * ask first.
 */
export const isTracingEnabled = (): boolean =>
  (trace.getTracerProvider() as ProxyTracerProvider).getDelegateTracer(TRACER_NAME) !== undefined;

export const currentTraceContext = (): TraceContext => context.active();

/**
 * Runs `work` in a span. Traces leave the system, so attributes hold numbers, codes and ids, and never personal data. An error that
 * passes through leaves only its code or name in the span; a refusal does not mark the span as failed.
 *
 * @param work gets the span, for attributes that are known later
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

/** Returns the current point as a W3C traceparent, to keep beside work for other processes; null unless the trace is recorded. */
export function currentTraceParent(): string | null {
  const here = sampledSpanContext(context.active());
  return here ? `00-${here.traceId}-${here.spanId}-01` : null;
}

const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Parses a traceparent; a text that is none gives the root, which has no trace. */
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
 * Opens the span of a request. It continues the trace that the caller's headers name, if they name one.
 *
 * @param route the pattern, never the address: an address may hold a secret
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
