import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_QUANTITY, validateQuantity } from './cart-rules.ts';

describe('validateQuantity', () => {
  it('takes whole numbers up to the limit', () => {
    for (const quantity of [1, 7, MAX_QUANTITY]) assert.equal(validateQuantity(quantity, 'q'), quantity);
    assert.equal(validateQuantity(0, 'q', 0), 0);
  });

  it('names the field of anything else', () => {
    for (const value of [0, -1, 1.5, MAX_QUANTITY + 1, 1e9, NaN, Infinity]) {
      const error = { code: 'INVALID_INPUT', field: 'lines.0.quantity' };
      assert.throws(() => validateQuantity(value, 'lines.0.quantity'), error, String(value));
    }
    assert.throws(() => validateQuantity(-1, 'q', 0), { code: 'INVALID_INPUT' });
  });
});
