import { resources } from '@opentelemetry/sdk-node';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { InjectedSinks, WorkerInterceptors } from '@temporalio/worker';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
  type OpenTelemetrySinks,
} from '@temporalio/interceptors-opentelemetry';
import type { ReadableSpan, Tracing } from '../../platform/tracing.ts';

type BridgeProcessor = Parameters<typeof makeWorkflowExporter>[0];
type BridgeSpan = Parameters<Extract<BridgeProcessor, { onEnd: unknown }>['onEnd']>[0];

/** Temporal's bridge speaks OpenTelemetry 1; the SDK that exports speaks 2, where parent and scope are called otherwise. */
const upgrade = (span: BridgeSpan, resource: ReadableSpan['resource']): ReadableSpan =>
  Object.assign(Object.create(span) as ReadableSpan, {
    resource,
    instrumentationScope: span.instrumentationLibrary,
    ...(span.parentSpanId === undefined ? {} : { parentSpanContext: { ...span.spanContext(), spanId: span.parentSpanId } }),
  });

/** Carries the trace context from a request into the workflow that it starts; nothing when tracing is off. */
export const clientInterceptors = (tracing: Tracing): WorkflowClientInterceptor[] =>
  tracing.spans ? [new OpenTelemetryWorkflowClientInterceptor()] : [];

/** Makes spans of activities, and exports those that the workflow sandbox made; nothing when tracing is off. */
export function workerTracing(tracing: Tracing, serviceName: string): { interceptors?: WorkerInterceptors; sinks?: InjectedSinks<OpenTelemetrySinks> } {
  const { spans } = tracing;
  if (!spans) return {};
  const resource = resources.resourceFromAttributes({ 'service.name': serviceName });
  const bridge = { onEnd: (span: BridgeSpan) => spans.onEnd(upgrade(span, resource)) } as unknown as Extract<BridgeProcessor, { onEnd: unknown }>;
  return {
    interceptors: { activity: [(context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context) })] },
    sinks: { exporter: makeWorkflowExporter(bridge, resource) },
  };
}
