import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planStoredValue } from './plan-stored-value.ts';
import { availableOn, type StoredValueAccount } from './stored-value.ts';

const now = new Date('2026-05-01T12:00:00Z');

const account = (id: string, change: Partial<StoredValueAccount> = {}): StoredValueAccount => ({
  id,
  kind: 'gift_card',
  currency: 'EUR',
  balance: 1_000,
  held: 0,
  status: 'active',
  codeLast4: '7KQ2',
  customerId: null,
  expiresAt: null,
  createdAt: now,
  ...change,
});

const shares = (accounts: StoredValueAccount[], amount: number) =>
  planStoredValue(accounts, { amount, currency: 'EUR' }, now).flatMap((share) => (share.amount === 0 ? [] : [[share.accountId, share.amount]]));

test('each account pays as much as it can, in order, until nothing is left to pay', () => {
  const accounts = [account('a'), account('b', { held: 300 }), account('c')];
  assert.deepEqual(shares(accounts, 2_000), [
    ['a', 1_000],
    ['b', 700],
    ['c', 300],
  ]);
  assert.deepEqual(shares(accounts, 1_000), [['a', 1_000]]);
  assert.deepEqual(shares(accounts, 9_999), [
    ['a', 1_000],
    ['b', 700],
    ['c', 1_000],
  ]);
  assert.deepEqual(shares(accounts, 0), []);
});

test('those that are disabled, over, held, or of another currency pay nothing', () => {
  const accounts = [
    account('disabled', { status: 'disabled' }),
    account('over', { expiresAt: now }),
    account('held', { held: 1_000 }),
    account('dollars', { currency: 'USD' }),
    account('lasting', { expiresAt: new Date(now.getTime() + 1) }),
  ];
  assert.deepEqual(shares(accounts, 500), [['lasting', 500]]);
});

test('no more than the total and no more than each account has, whatever they are', () => {
  const anyAccount = fc
    .record({
      balance: fc.nat(5_000),
      heldShare: fc.double({ min: 0, max: 1, noNaN: true }),
      status: fc.constantFrom('active' as const, 'disabled' as const),
      currency: fc.constantFrom('EUR', 'USD'),
    })
    .map(({ balance, heldShare, ...rest }) => ({ balance, held: Math.floor(balance * heldShare), ...rest }));
  fc.assert(
    fc.property(fc.array(anyAccount, { maxLength: 6 }), fc.nat(20_000), (list, amount) => {
      const accounts = list.map((change, n) => account(`sva_${n}`, change));
      const plan = planStoredValue(accounts, { amount, currency: 'EUR' }, now);
      const paid = plan.reduce((sum, share) => sum + share.amount, 0);
      const most = accounts.filter(({ currency }) => currency === 'EUR').reduce((sum, one) => sum + availableOn(one, now), 0);
      assert.equal(paid, Math.min(amount, most));
      for (const { accountId, amount: part } of plan) {
        const from = accounts.find(({ id }) => id === accountId);
        assert.ok(from && part >= 0 && part <= availableOn(from, now));
      }
    }),
  );
});
