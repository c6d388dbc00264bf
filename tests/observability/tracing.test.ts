import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { startStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
}

interface ExportRequest {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

/** A collector that keeps what it is sent. */
async function startCollector() {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as ExportRequest;
      spans.push(...resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans)));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the collector has no port');
  return { spans, endpoint: `http://127.0.0.1:${address.port}`, close: () => new Promise((resolve) => server.close(resolve)) };
}

test('one trace goes from the request through the workflow and its activities to SQL', async () => {
  const collector = await startCollector();
  const store = await startStore([{ sku: 'MUG', price: 1_999, stock: 10 }], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '200' } });
  try {
    const cart = await store.readyCart(1);
    assert.equal((await store.submit(cart)).__typename, 'CheckoutPlaced');
    const trace = await waitFor(
      () => {
        const workflow = collector.spans.find((span) => span.name === 'RunWorkflow:checkout');
        const ofTrace = collector.spans.filter((span) => span.traceId === workflow?.traceId);
        const names = new Set(ofTrace.map((span) => span.name));
        return ['RunActivity:beginCheckout', 'RunActivity:payCheckout', 'sql'].every((name) => names.has(name)) && ofTrace.some((span) => span.parentSpanId === undefined) && ofTrace;
      },
      { what: 'the spans of a checkout', timeoutMs: 20_000 },
    );
    const byId = new Map(trace.map((span) => [span.spanId, span]));
    const ancestors = (span: Span | undefined): string[] => (span ? [span.name, ...ancestors(byId.get(span.parentSpanId ?? ''))] : []);
    const sqlInActivity = trace.find((span) => span.name === 'sql' && ancestors(span).includes('RunActivity:beginCheckout'));
    assert.ok(sqlInActivity, 'SQL is a child of the activity that ran it');
    const root = ancestors(sqlInActivity).at(-1);
    assert.ok(root && !root.startsWith('Run') && root !== 'sql', `the trace begins at the request, not at ${String(root)}`);
    assert.ok(!JSON.stringify(trace).includes('shopper1@example.com'), 'no personal data in spans');
  } finally {
    await store.close();
    await collector.close();
  }
});
