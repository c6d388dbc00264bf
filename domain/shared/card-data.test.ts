import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cardNumberAt, cardNumberRefused, withoutCardNumbers } from './card-data.ts';

const NUMBER = '4242 4242 4242 4242';
const parsed = (json: string): unknown => JSON.parse(json);

test('says where a card number stands', () => {
  assert.deepEqual(cardNumberAt({ input: { lines: [{ quantity: 1 }, { note: `call ${NUMBER}` }] } }), [
    'input',
    'lines',
    1,
    'note',
  ]);
  assert.deepEqual(cardNumberAt({ settings: { limit: 4242424242424242 } }), ['settings', 'limit']);
  assert.deepEqual(cardNumberAt({ settings: { [NUMBER]: 1 } }), ['settings']);
  assert.deepEqual(cardNumberAt(NUMBER), []);
  assert.deepEqual(cardNumberAt({ limit: parsed('4543522196440900009') }), ['limit']);
  assert.equal(cardNumberAt({ nanoseconds: parsed('1795429534123456789') }), undefined);
  assert.equal(cardNumberAt({ a: [null, undefined, true, 1.5, 'x', new Date(0)] }), undefined);
});

test('masks every one and leaves the rest as it is', () => {
  const at = new Date();
  assert.deepEqual(withoutCardNumbers([parsed('4543522196440900009')]), ['[number too large]']);
  assert.deepEqual(withoutCardNumbers({ at, list: [NUMBER, 7, null], n: 4242424242424242, [NUMBER]: 'x', ok: undefined }), {
    at,
    list: ['4242 42** **** 4242', 7, null],
    n: '424242******4242',
    '4242 42** **** 4242': 'x',
    ok: undefined,
  });
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(cardNumberAt(value) === undefined);
      assert.equal(JSON.stringify(withoutCardNumbers(value)), JSON.stringify(value));
    }),
  );
});

test('leaves ids as they are', () => {
  const payment = { gatewayRef: '4242424242424242', decline: { message: NUMBER } };
  assert.deepEqual(
    withoutCardNumbers(payment, (field) => field === 'gatewayRef'),
    { ...payment, decline: { message: '4242 42** **** 4242' } },
  );
});

test('no nesting is too deep', () => {
  let deep: unknown = NUMBER;
  for (let i = 0; i < 50_000; i += 1) deep = [deep];
  assert.equal(cardNumberAt(deep)?.length, 50_000);
  assert.equal(cardNumberAt(withoutCardNumbers(deep)), undefined);
});

test('the refusal names the field and nothing else', () => {
  const { code, field, message } = cardNumberRefused('shippingAddress.line1');
  assert.deepEqual({ code, field }, { code: 'INVALID_INPUT', field: 'shippingAddress.line1' });
  assert.doesNotMatch(message, /\d/);
});
