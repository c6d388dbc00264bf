import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { promotionProblem, type Promotion } from './promotion.ts';

const now = new Date('2026-03-01T12:00:00Z');
const earlier = new Date('2026-03-01T11:59:59Z');
const later = new Date('2026-03-01T12:00:01Z');
const always: Promotion = {
  id: 'promo_1',
  code: 'SPRING',
  kind: 'percentage',
  value: 100_000,
  currency: null,
  minSubtotal: 0,
  startsAt: null,
  endsAt: null,
  usageLimit: null,
  timesUsed: 7,
};
const problem = (changes: Partial<Promotion>, subtotal = 1_000) =>
  promotionProblem({ ...always, ...changes }, { now, currency: 'EUR', subtotal });

describe('promotionProblem', () => {
  it('finds none when nothing is limited', () => {
    assert.equal(problem({}), undefined);
    assert.equal(problem({}, 0), undefined);
  });

  it('begins at its start and is over at its end', () => {
    assert.equal(problem({ startsAt: later }), 'NOT_STARTED');
    assert.equal(problem({ startsAt: now, endsAt: later }), undefined);
    assert.equal(problem({ endsAt: now }), 'ENDED');
    assert.equal(problem({ endsAt: earlier }), 'ENDED');
  });

  it('is used up at its limit', () => {
    assert.equal(problem({ usageLimit: 7 }), 'USED_UP');
    assert.equal(problem({ usageLimit: 8 }), undefined);
  });

  it('is for its currency; a fixed amount must have one', () => {
    assert.equal(problem({ currency: 'USD' }), 'WRONG_CURRENCY');
    assert.equal(problem({ currency: 'EUR' }), undefined);
    assert.equal(problem({ kind: 'free_shipping', value: 0 }), undefined);
    assert.equal(problem({ kind: 'fixed_amount', value: 500 }), 'WRONG_CURRENCY');
    assert.equal(problem({ kind: 'fixed_amount', value: 500, currency: 'EUR' }), undefined);
  });

  it('needs its smallest subtotal', () => {
    assert.equal(problem({ minSubtotal: 1_001 }), 'SUBTOTAL_TOO_LOW');
    assert.equal(problem({ minSubtotal: 1_000 }), undefined);
  });

  it('tells first what will not pass', () => {
    assert.equal(problem({ endsAt: earlier, usageLimit: 1, currency: 'USD', minSubtotal: 9_999 }), 'ENDED');
    assert.equal(problem({ currency: 'USD', minSubtotal: 9_999 }), 'WRONG_CURRENCY');
  });
});
