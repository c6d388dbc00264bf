import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace, propagation } from '@opentelemetry/api';

const tracer = trace.getTracer('headlesspro');

/** Sends spans to an OTLP collector; without an endpoint nothing is loaded and every span is a no-op. */
export async function startTracing(options: { endpoint: string | undefined; serviceName: string }): Promise<{ stop(): Promise<void> }> {
  if (options.endpoint === undefined) return { stop: async () => {} };
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName: options.serviceName, instrumentations: [] });
  sdk.start();
  return { stop: () => sdk.shutdown() };
}

/** Runs `work` in a span, as a child of the present one; a thrown error marks it failed and goes on. */
export function withSpan<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>, kind: SpanKind = SpanKind.INTERNAL): Promise<T> {
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
