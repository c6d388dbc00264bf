import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EventEnvelope } from './delivery.ts';
import { FILTER_LIMITS, meetsFilter, parseFilter } from './event-filter.ts';
import { readPath } from './event-path.ts';
import { selectFields } from './event-selection.ts';
import { fillTemplate, OutputTooLargeError, parseTemplate, TEMPLATE_LIMITS } from './event-template.ts';
import { sentEvent, shapedBody, wantsEvent, type EventShape } from './shape-event.ts';

const envelope: EventEnvelope = {
  id: 'evt_1',
  type: 'order.placed',
  version: 1,
  occurredAt: '2026-11-23T10:15:00.000Z',
  aggregateId: 'ord_1',
  sequence: 1,
  data: {
    orderId: 'ord_1',
    note: null,
    tags: ['vip'],
    totals: { total: { amount: 1999, currency: 'EUR' } },
    lines: [
      { sku: 'MUG', quantity: 2, options: [{ name: 'Color', value: 'red' }] },
      { sku: 'POT', quantity: 1, options: [] },
    ],
  },
};
const event = sentEvent(envelope);
const whole: EventShape = { endpointId: 'whe_1', eventTypes: ['order.*'], filter: null, selection: null, template: null };

const holds = (filter: unknown): boolean => meetsFilter(parseFilter(filter, 'filter'), event);
const made = (template: unknown): unknown => fillTemplate(parseTemplate(template, 'transformation'), event);
const refusedAt = (field: string) => ({ code: 'INVALID_INPUT', field });

test('a filter compares what stands at a path', () => {
  const true_: unknown[] = [
    { path: 'type', op: '=', value: 'order.placed' },
    { path: 'data.totals.total.amount', op: '>=', value: 1999 },
    { path: 'data.totals.total.currency', op: 'in', value: ['EUR', 'USD'] },
    { path: 'data.lines.1.sku', op: '=', value: 'POT' },
    { path: 'timestamp', op: '<', value: '2027-01-01' },
    { path: 'data.tags', op: 'contains', value: 'vip' },
    { path: 'data.note', op: 'exists', value: false },
    { path: 'data.note', op: '=', value: null },
    { some: 'data.lines', where: { all: [{ path: 'sku', op: '=', value: 'MUG' }, { path: 'quantity', op: '>', value: 1 }] } },
    { any: [{ path: 'data.orderId', op: '=', value: 'ord_2' }, { path: 'sequence', op: '<=', value: 1 }] },
    { not: { some: 'data.lines', where: { path: 'sku', op: 'in', value: ['CUP'] } } },
    { path: 'data.tags', op: 'notIn', value: ['x'] },
  ];
  for (const filter of true_) {
    assert.equal(holds(filter), true, JSON.stringify(filter));
    assert.equal(holds({ not: filter }), false, JSON.stringify(filter));
  }
});

test('what is not there equals nothing, and is in no order', () => {
  for (const op of ['=', '<', '<=', '>', '>=']) assert.equal(holds({ path: 'data.nothing.here', op, value: 1 }), false, op);
  assert.equal(holds({ path: 'data.nothing', op: '!=', value: 1 }), true);
  assert.equal(holds({ path: 'data.orderId', op: '>', value: 1 }), false, 'a text and a number');
  assert.equal(holds({ some: 'data.orderId', where: { path: 'sku', op: 'exists', value: false } }), false, 'not a list');
});

test('a filter that cannot be read is refused where it is at fault', () => {
  const some = { some: 'data.lines', where: { path: 'sku', op: '=', value: 'x' } };
  const refused: [unknown, string][] = [
    [null, 'filter'],
    [{}, 'filter.path'],
    [{ all: [] }, 'filter.all'],
    [{ any: [{ path: 'data', op: 'like', value: '' }] }, 'filter.any.0.op'],
    [{ path: 'date.x', op: '=', value: 1 }, 'filter.path'],
    [{ path: 'data..x', op: '=', value: 1 }, 'filter.path'],
    [{ path: 'data.x', op: '=', value: {} }, 'filter.value'],
    [{ path: 'data.x', op: '<', value: true }, 'filter.value'],
    [{ path: 'data.x', op: 'in', value: [] }, 'filter.value'],
    [{ path: 'data.x', op: 'in', value: ['a', ['b']] }, 'filter.value.1'],
    [{ path: 'data.x', op: 'exists', value: 1 }, 'filter.value'],
    [{ path: 'data.x', op: '=', value: 1, all: [] }, 'filter.all'],
    [{ path: 'data.x', op: '=', value: 'x'.repeat(FILTER_LIMITS.textLength + 1) }, 'filter.value'],
    [{ some: 'data.lines', where: some }, 'filter.where.some'],
    [{ all: Array.from({ length: FILTER_LIMITS.parts }, () => some) }, 'filter'],
  ];
  for (const [filter, field] of refused) assert.throws(() => parseFilter(filter, 'filter'), refusedAt(field), JSON.stringify(filter));
  let deep: unknown = { path: 'type', op: '=', value: 'x' };
  for (let depth = 0; depth < FILTER_LIMITS.depth; depth += 1) deep = { not: deep };
  assert.throws(() => parseFilter(deep, 'filter'), refusedAt(`filter${'.not'.repeat(FILTER_LIMITS.depth)}`));
});

test('nothing is found that a value does not hold itself', () => {
  for (const path of [['constructor'], ['__proto__'], ['toString', 'name'], ['list', 'length'], ['list', 'map'], ['text', '0'], ['list', '-1'], ['list', '01']]) {
    assert.equal(readPath({ list: [1], text: 'abc' }, path), undefined, path.join('.'));
  }
  fc.assert(
    fc.property(fc.anything(), fc.array(fc.string(), { maxLength: 5 }), (value, path) => {
      readPath(value, path);
    }),
  );
});

test('a selection takes fields, of each item in lists; what is not there is null', () => {
  const selection = [
    { as: 'id', name: 'orderId', fields: null },
    { as: 'lines', name: 'lines', fields: [{ as: 'sku', name: 'sku', fields: null }, { as: 'gone', name: 'gone', fields: null }] },
    { as: 'totals', name: 'totals', fields: null },
    { as: 'note', name: 'note', fields: [{ as: 'x', name: 'x', fields: null }] },
    { as: 'constructor', name: 'constructor', fields: null },
  ];
  assert.deepEqual(selectFields(envelope.data, selection), {
    id: 'ord_1',
    lines: [{ sku: 'MUG', gone: null }, { sku: 'POT', gone: null }],
    totals: { total: { amount: 1999, currency: 'EUR' } },
    note: null,
    constructor: null,
  });
});

test('a template puts values into JSON', () => {
  const template = {
    kind: 'ORDER',
    reference: '{{ data.orderId }}',
    title: 'Order {{data.orderId}}, {{data.totals.total.amount}} {{data.totals.total.currency}}{{data.nothing}}',
    total: '{{data.totals.total}}',
    missing: '{{data.nothing}}',
    flags: [true, 1, null, 'plain'],
    articles: {
      $each: 'data.lines',
      as: 'line',
      item: { no: '{{line.sku}}', of: '{{id}}', options: { $each: 'line.options', as: 'option', item: '{{line.sku}}: {{option.value}}' } },
    },
    none: { $each: 'data.nothing', as: 'x', item: 1 },
  };
  assert.deepEqual(made(template), {
    kind: 'ORDER',
    reference: 'ord_1',
    title: 'Order ord_1, 1999 EUR',
    total: { amount: 1999, currency: 'EUR' },
    missing: null,
    flags: [true, 1, null, 'plain'],
    articles: [
      { no: 'MUG', of: 'evt_1', options: ['MUG: red'] },
      { no: 'POT', of: 'evt_1', options: [] },
    ],
    none: [],
  });
});

test('any JSON without places comes out of a template as it went in', () => {
  const plain = fc.jsonValue({ maxDepth: 4 }).filter((value) => !/\$|\{\{|\}\}|__proto__|constructor|prototype/.test(JSON.stringify(value)));
  fc.assert(fc.property(plain, (value) => assert.deepEqual(JSON.parse(JSON.stringify(made(value))), JSON.parse(JSON.stringify(value)))));
});

test('a template that cannot be read is refused where it is at fault', () => {
  const refused: [unknown, string][] = [
    ['{{nothing.x}}', 'transformation'],
    [{ a: ['{{data.x', 1] }, 'transformation.a.0'],
    [{ a: '{{process.exit()}}' }, 'transformation.a'],
    [{ a: '{{}}' }, 'transformation.a'],
    [{ $if: 1 }, 'transformation.$if'],
    [JSON.parse('{"__proto__": 1}'), 'transformation.__proto__'],
    [{ $each: 'data.lines', as: 'line' }, 'transformation'],
    [{ $each: 'data.lines', as: 'data', item: 1 }, 'transformation.as'],
    [{ $each: 'data.lines', as: '$', item: 1 }, 'transformation.as'],
    [{ $each: 'lines', as: 'line', item: 1 }, 'transformation.$each'],
    [{ list: { $each: 'data.lines', as: 'line', item: 1 }, after: '{{line.sku}}' }, 'transformation.after'],
    [Array.from({ length: TEMPLATE_LIMITS.parts }, () => 1), 'transformation'],
  ];
  for (const [template, field] of refused) assert.throws(() => parseTemplate(template, 'transformation'), refusedAt(field), JSON.stringify(template));
  let nested: unknown = 1;
  for (let loop = 0; loop <= TEMPLATE_LIMITS.loops; loop += 1) nested = { $each: 'data.lines', as: `n${loop}`, item: nested };
  assert.throws(() => parseTemplate(nested, 'transformation'), refusedAt(`transformation${'.item'.repeat(TEMPLATE_LIMITS.loops)}`));
});

test('loops in loops end when what they make is too large', () => {
  const lines = Array.from({ length: 1_000 }, () => ({ sku: 'x' }));
  const template = parseTemplate(
    { $each: 'data.lines', as: 'a', item: { $each: 'data.lines', as: 'b', item: { $each: 'data.lines', as: 'c', item: '{{c}}' } } },
    'transformation',
  );
  const large = { ...envelope, data: { lines } };
  assert.throws(() => fillTemplate(template, sentEvent(large)), OutputTooLargeError);
  assert.throws(() => shapedBody(large, { ...whole, template }), OutputTooLargeError);
});

test('an event is shaped: filter, then selection, then template', () => {
  assert.ok(wantsEvent(envelope, whole));
  assert.deepEqual(shapedBody(envelope, whole), event);
  assert.equal(wantsEvent(envelope, { ...whole, eventTypes: ['payment.*'] }), false);
  assert.equal(wantsEvent(envelope, { ...whole, filter: parseFilter({ path: 'data.orderId', op: '=', value: 'ord_2' }, 'filter') }), false);
  const shape = {
    ...whole,
    filter: parseFilter({ path: 'data.totals.total.amount', op: '>', value: 0 }, 'filter'),
    selection: [{ as: 'orderId', name: 'orderId', fields: null }],
    template: parseTemplate({ id: '{{data.orderId}}', total: '{{data.totals}}' }, 'transformation'),
  };
  assert.ok(wantsEvent(envelope, shape));
  assert.deepEqual(shapedBody(envelope, shape), { id: 'ord_1', total: null });
});

test('a test is for its endpoint only, and looks like its example', () => {
  const data = { endpointId: 'whe_1', example: { type: 'payment.captured', version: 2, data: { paymentId: 'pay_1' } } };
  const tried: EventEnvelope = { ...envelope, type: 'webhook.test', data };
  assert.equal(wantsEvent(tried, { ...whole, endpointId: 'whe_2', eventTypes: ['*'] }), false);
  assert.ok(wantsEvent(tried, { ...whole, eventTypes: ['order.*'] }));
  const selection = [{ as: 'id', name: 'paymentId', fields: null }];
  assert.deepEqual(shapedBody(tried, { ...whole, selection }), { ...event, type: 'payment.captured', version: 2, data: { id: 'pay_1' }, test: true });
  assert.deepEqual(sentEvent({ ...tried, data: { endpointId: 'whe_1' } }), { ...event, type: 'webhook.test', data: { endpointId: 'whe_1' }, test: true });
});
