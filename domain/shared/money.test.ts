import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allocate, divideRounded, isCurrencyCode, MAX_AMOUNT, multiplyRatio } from './money.ts';

const amounts = fc.integer({ min: -MAX_AMOUNT, max: MAX_AMOUNT });
const weights = fc.array(fc.integer({ min: 0, max: MAX_AMOUNT }), { minLength: 1, maxLength: 100 });
const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);

describe('divideRounded', () => {
  it('rounds halves away from zero', () => {
    assert.deepEqual(
      [divideRounded(5n, 2n), divideRounded(-5n, 2n), divideRounded(5n, -2n), divideRounded(4n, 3n), divideRounded(-5n, 3n)],
      [3n, -3n, -3n, 1n, -2n],
    );
  });

  it('is never further than half from the exact quotient, and at half lies further from zero', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt().filter((value) => value !== 0n), (numerator, denominator) => {
        const quotient = divideRounded(numerator, denominator);
        const error = absolute(quotient * denominator - numerator) * 2n;
        assert.ok(error <= absolute(denominator));
        if (error === absolute(denominator)) assert.ok(absolute(quotient * denominator) > absolute(numerator));
      }),
    );
  });

  it('is symmetric around zero', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n }), (numerator, denominator) => {
        assert.equal(divideRounded(-numerator, denominator), -divideRounded(numerator, denominator));
      }),
    );
  });
});

describe('multiplyRatio', () => {
  it('is exact where floating point is not', () => {
    assert.equal(multiplyRatio(1_005, 100, 1_000), 101);
    assert.equal(multiplyRatio(999_999_999_999, 999_999, 1_000_000), 999_998_999_999);
    assert.equal(multiplyRatio(-25, 1, 10), -3);
  });

  it('gives the amount for a ratio of one, and never more than it for a smaller ratio', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 1_000_000 }), fc.nat(1_000_000), (amount, divisor, part) => {
        assert.equal(multiplyRatio(amount, divisor, divisor), amount);
        assert.ok(Math.abs(multiplyRatio(amount, Math.min(part, divisor), divisor)) <= Math.abs(amount));
      }),
    );
  });

  it('grows with the amount', () => {
    fc.assert(
      fc.property(amounts, amounts, fc.nat(2_000_000), (a, b, numerator) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        assert.ok(multiplyRatio(less, numerator, 1_000_000) <= multiplyRatio(more, numerator, 1_000_000));
      }),
    );
  });
});

describe('allocate', () => {
  it('gives what is left over to the largest remainders, then to the earlier part', () => {
    assert.deepEqual(allocate(100, [1, 1, 1]), [34, 33, 33]);
    assert.deepEqual(allocate(10, [1, 2, 4]), [1, 3, 6]);
    assert.deepEqual(allocate(-100, [1, 1, 1]), [-34, -33, -33]);
  });

  it('splits evenly when nothing weighs anything, and gives nothing to nobody', () => {
    assert.deepEqual(allocate(5, [0, 0]), [3, 2]);
    assert.deepEqual(allocate(5, []), []);
  });

  it('adds up to the total', () => {
    fc.assert(
      fc.property(amounts, weights, (total, shares) => {
        assert.equal(sum(allocate(total, shares)), total);
      }),
    );
  });

  it('keeps every part within one minor unit of its exact share', () => {
    fc.assert(
      fc.property(amounts, weights, (total, shares) => {
        const whole = BigInt(sum(shares));
        fc.pre(whole > 0n);
        allocate(total, shares).forEach((part, index) => {
          const exact = BigInt(total) * BigInt(shares[index] ?? 0);
          assert.ok(absolute(BigInt(part) * whole - exact) < whole);
        });
      }),
    );
  });

  it('never gives a part more than its weight when the total is no more than all weights together', () => {
    fc.assert(
      fc.property(weights, fc.nat(1_000_000), (shares, ppm) => {
        const whole = sum(shares);
        fc.pre(whole > 0);
        allocate(multiplyRatio(whole, ppm, 1_000_000), shares).forEach((part, index) => {
          assert.ok(part >= 0 && part <= (shares[index] ?? 0));
        });
      }),
    );
  });
});

describe('isCurrencyCode', () => {
  it('takes three upper-case letters and nothing else', () => {
    assert.deepEqual(['EUR', 'JPY', 'eur', 'EU', 'EURO', 'E1R', 'EUR\n', ''].filter(isCurrencyCode), ['EUR', 'JPY']);
  });
});
