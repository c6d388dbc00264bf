import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exponentOf, toDecimal } from './currency-exponent.ts';
import { MAX_AMOUNT } from './money.ts';

test('minor units as decimal text', () => {
  const cases: [number, string, string][] = [
    [1_234, 'EUR', '12.34'],
    [5, 'USD', '0.05'],
    [-5, 'USD', '-0.05'],
    [0, 'EUR', '0.00'],
    [1_234, 'JPY', '1234'],
    [1_234, 'KWD', '1.234'],
    [-7, 'HUF', '-0.07'],
  ];
  for (const [amount, currency, text] of cases) assert.equal(toDecimal(amount, currency), text);
});

test('no amount is lost or rounded', () => {
  const amounts = fc.integer({ min: -MAX_AMOUNT, max: MAX_AMOUNT });
  fc.assert(
    fc.property(amounts, fc.constantFrom('EUR', 'JPY', 'KWD'), (amount, currency) => {
      const text = toDecimal(amount, currency);
      assert.equal(Number(text.replace('.', '')), amount);
      assert.equal((text.split('.')[1] ?? '').length, exponentOf(currency));
    }),
  );
});
