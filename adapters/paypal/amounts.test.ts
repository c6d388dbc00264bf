import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GatewayError } from '../../domain/payments/gateway.ts';
import { MAX_AMOUNT } from '../../domain/shared/money.ts';
import { toMinorUnits, toPaypalMoney } from './amounts.ts';

const isKind = (kind: GatewayError['kind']) => (error: unknown) => error instanceof GatewayError && error.kind === kind;

describe('amounts', () => {
  for (const [amount, currency, value] of [
    [0, 'EUR', '0.00'],
    [1, 'EUR', '0.01'],
    [10, 'EUR', '0.10'],
    [12_345, 'EUR', '123.45'],
    [1_235, 'JPY', '1235'],
    [1, 'KWD', '0.001'],
    [12_300, 'HUF', '123'],
  ] as const) {
    it(`writes ${amount} minor units of ${currency} as ${value}`, () => {
      assert.deepEqual(toPaypalMoney(amount, currency), { currencyCode: currency, value });
      assert.equal(toMinorUnits({ currencyCode: currency, value }), amount);
    });
  }

  it('reads back every amount that it writes', () => {
    const currencies = fc.constantFrom('EUR', 'USD', 'JPY', 'KWD', 'BRL');
    fc.assert(
      fc.property(fc.nat({ max: MAX_AMOUNT }), currencies, (amount, currency) => {
        assert.equal(toMinorUnits(toPaypalMoney(amount, currency)), amount);
      }),
    );
  });

  it('reads the amount of a debit without its sign, and places that the currency does not have', () => {
    assert.equal(toMinorUnits({ currencyCode: 'EUR', value: '-12.30' }), 1_230);
    assert.equal(toMinorUnits({ currencyCode: 'EUR', value: '12.3' }), 1_230);
    assert.equal(toMinorUnits({ currencyCode: 'JPY', value: '1235.00' }), 1_235);
  });

  it('refuses what PayPal cannot express', () => {
    assert.throws(() => toPaypalMoney(12_301, 'HUF'), isKind('rejected'));
    for (const amount of [-1, 0.5, Number.NaN]) assert.throws(() => toPaypalMoney(amount, 'EUR'), isKind('rejected'));
  });

  it('does not guess at text that is no amount', () => {
    for (const value of ['', '1,00', '1.005', '1e3', ' 1', '99999999999999999.00']) {
      assert.throws(() => toMinorUnits({ currencyCode: 'EUR', value }), isKind('ambiguous'), value);
    }
  });
});
