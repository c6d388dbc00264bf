import type { tracing as sdk } from '@opentelemetry/sdk-node';
import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace, propagation } from '@opentelemetry/api';
import { cardNumberAt, withoutCardNumbers } from '../domain/shared/card-data.ts';

export type ReadableSpan = sdk.ReadableSpan;

const tracer = trace.getTracer('headlesspro');

/** The running tracing of a process. */
export interface Tracing {
  /** Takes finished spans that were made elsewhere (in the workflow sandbox); undefined when tracing is off. */
  readonly spans: { onEnd(span: ReadableSpan): void } | undefined;
  stop(): Promise<void>;
}

/** The span as it may leave the process: card numbers in its name, attributes, events and status are masked. */
export function withoutCardNumbersInSpan(span: ReadableSpan): ReadableSpan {
  const { name, attributes, events, status } = span;
  const told = { name, attributes, events, status };
  if (cardNumberAt(told) === undefined) return span;
  return Object.assign(Object.create(span) as ReadableSpan, withoutCardNumbers(told));
}

/** Sends spans to an OTLP collector; without an endpoint nothing is loaded and every span is a no-op. */
export async function startTracing(options: { endpoint: string | undefined; serviceName: string }): Promise<Tracing> {
  const { endpoint, serviceName } = options;
  if (endpoint === undefined) return { spans: undefined, stop: async () => {} };
  const { NodeSDK, tracing } = await import('@opentelemetry/sdk-node');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: 5_000 });
  const spans = new tracing.BatchSpanProcessor({
    export: (batch, done) => exporter.export(batch.map(withoutCardNumbersInSpan), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  });
  const sdk = new NodeSDK({ serviceName, instrumentations: [], spanProcessors: [spans] });
  sdk.start();
  return { spans, stop: () => sdk.shutdown() };
}

/** Whether the present work belongs to a trace: only then is a span of it worth making. */
export const isTraced = (): boolean => trace.getActiveSpan() !== undefined;

/** Runs `work` in a span, as a child of the present one; a thrown error marks it failed and goes on. */
export function withSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
  kind: SpanKind = SpanKind.INTERNAL,
): Promise<T> {
  return tracer.startActiveSpan(name, { attributes, kind }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      // The message may quote what the customer typed: only the error's class is sent.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Runs `work` under the trace that the request's headers name, if any. */
export function withRemoteTrace<T>(headers: Record<string, unknown>, work: () => T): T {
  return context.with(propagation.extract(context.active(), headers), work);
}

/** The present trace's id, to hand to whoever reports an error. */
export function currentTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}
