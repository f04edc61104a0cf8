import { context, propagation, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';

export interface TestTraces {
  /** The spans of this name that have ended, in that order. */
  named(name: string): ReadableSpan[];
  /** All spans that have ended. */
  all(): ReadableSpan[];
  forget(): void;
}

/** Registers an SDK, as an operator's file does, for the tests of a file or a `describe`; the spans stay here. */
export function useTraces(): TestTraces {
  const exporter = new InMemorySpanExporter();
  beforeAll(() => {
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  });
  afterAll(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  const all = () => exporter.getFinishedSpans();
  return {
    all,
    named: (wanted) => all().filter(({ name }) => name === wanted),
    forget: () => exporter.reset(),
  };
}

/** The parent of a span, and the spans it is linked to. */
export const originsOf = ({ parentSpanContext, links }: ReadableSpan): string[] =>
  [parentSpanContext, ...links.map((link) => link.context)].flatMap((at) => (at ? at.spanId : []));
