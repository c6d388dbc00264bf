import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tracing as sdk } from '@opentelemetry/sdk-node';
import { SpanStatusCode } from '@opentelemetry/api';
import { cardNumberAt } from '../domain/shared/card-data.ts';
import { type ReadableSpan, withoutCardNumbersInSpan } from './tracing.ts';

const NUMBER = '4242 4242 4242 4242';

function spanOf(name: string, text: string): ReadableSpan {
  const exporter = new sdk.InMemorySpanExporter();
  const provider = new sdk.BasicTracerProvider({ spanProcessors: [new sdk.SimpleSpanProcessor(exporter)] });
  const span = provider.getTracer('test').startSpan(name, { attributes: { text, list: ['a', text], amount: 4242424242424242 } });
  span.addEvent(text, { text }).setStatus({ code: SpanStatusCode.ERROR, message: text }).end();
  const [ended] = exporter.getFinishedSpans();
  assert.ok(ended);
  return ended;
}

test('a span leaves without card numbers, otherwise the same', () => {
  const span = spanOf(`pay ${NUMBER}`, `card ${NUMBER}`);
  const told = withoutCardNumbersInSpan(span);
  const { name, attributes, events, status } = told;
  assert.equal(cardNumberAt({ name, attributes, events, status }), undefined);
  assert.equal(name, 'pay 4242 42** **** 4242');
  assert.deepEqual(attributes['list'], ['a', 'card 4242 42** **** 4242']);
  assert.deepEqual(
    [told.duration, told.spanContext(), told.kind, told.resource],
    [span.duration, span.spanContext(), span.kind, span.resource],
  );
});

test('a span without one leaves as it is', () => {
  const span = spanOf('checkout', 'placed');
  const { name } = withoutCardNumbersInSpan(span);
  assert.equal(name, 'checkout');
});
