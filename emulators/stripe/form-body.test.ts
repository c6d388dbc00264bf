import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseForm, type FormValue } from './form-body.ts';

const plain = (value: FormValue): unknown => JSON.parse(JSON.stringify(value));

test('reads Stripe’s bracket syntax', () => {
  const form = parseForm(
    'amount=100&metadata[order_id]=ord%201&metadata[b]=x%3Dy&expand[]=a&expand[]=b&items[0][price]=p&items[0][n]=2' +
      '&items[1][price]=q&created[gte]=5&note=a+b',
  );
  assert.deepEqual(plain(form), {
    amount: '100',
    metadata: { order_id: 'ord 1', b: 'x=y' },
    expand: ['a', 'b'],
    items: [{ price: 'p', n: '2' }, { price: 'q' }],
    created: { gte: '5' },
    note: 'a b',
  });
});

test('reads numbered lists as the SDK writes them', () => {
  assert.deepEqual(plain(parseForm('expand[0]=latest_charge&expand[1]=payment_method')), {
    expand: ['latest_charge', 'payment_method'],
  });
});

test('survives anything, and never touches the prototype', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseForm(text);
    }),
  );
  parseForm('__proto__[polluted]=1&a[__proto__][polluted]=1&constructor[prototype][polluted]=1');
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('gives back what was encoded', () => {
  const name = fc.stringMatching(/^[a-z_]{1,12}$/);
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ unit: 'grapheme' })), (metadata) => {
      const body = Object.entries(metadata)
        .map(([key, value]) => `metadata[${key}]=${encodeURIComponent(value)}`)
        .join('&');
      assert.deepEqual(plain(parseForm(body)['metadata'] ?? {}), { ...metadata });
    }),
  );
});
