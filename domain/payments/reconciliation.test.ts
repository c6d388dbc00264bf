import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBooks, ledgerHasLess, type BooksEntry, type LedgerSums } from './reconciliation.ts';

const entry = (change: Partial<BooksEntry> = {}, ledger: Partial<LedgerSums> = {}): BooksEntry => ({
  paymentId: 'pay_1',
  gateway: 'stripe',
  gatewayRef: 'pi_1',
  cartId: 'cart_1',
  checkoutId: 'chk_1',
  checkoutStatus: 'placed',
  orderId: 'ord_1',
  orderPlaced: true,
  status: 'captured',
  currency: 'USD',
  amount: 1000,
  captured: 1000,
  refunded: 0,
  refundPending: 0,
  ...change,
  ledger: { captured: 1000, refunded: 0, open: 0, otherCurrency: false, second: null, ...ledger },
});

const finding = (change: Partial<BooksEntry>, ledger: Partial<LedgerSums> = {}): string =>
  compareBooks(entry(change, ledger)).kind;

test('books that agree need nothing', () => {
  assert.equal(finding({}), 'agrees');
  assert.equal(finding({ status: 'authorized', captured: 0 }, { captured: 0, open: 1000 }), 'agrees');
  assert.equal(finding({ refunded: 400 }, { refunded: 400 }), 'agrees');
});

test('a refund that is on its way may or may not have arrived', () => {
  for (const refunded of [0, 200, 300]) assert.equal(finding({ refundPending: 300 }, { refunded }), 'agrees');
  assert.equal(finding({ refundPending: 300 }, { refunded: 301 }), 'refresh');
});

test("what was done in the gateway's dashboard is read back", () => {
  assert.equal(finding({}, { refunded: 250 }), 'refresh');
  assert.equal(finding({ status: 'authorized', captured: 0 }), 'refresh');
  assert.equal(finding({ refunded: 250 }), 'refresh', 'a refund that came back');
  assert.equal(finding({ status: 'canceled', captured: 0 }, { captured: 0, open: 1000 }), 'refresh');
});

test('money of a checkout without an order wakes its workflow', () => {
  const open = { orderPlaced: false, captured: 0, status: 'requires_action' } as const;
  assert.equal(finding({ ...open, checkoutStatus: 'action_required' }), 'wake_checkout');
  assert.equal(finding({ ...open, checkoutStatus: 'processing' }, { captured: 0, open: 1000 }), 'wake_checkout');
  assert.equal(finding({ ...open, checkoutStatus: 'processing' }, { captured: 0 }), 'agrees');
  assert.equal(finding({ ...open, checkoutStatus: 'expired', status: 'canceled' }), 'wake_checkout');
  assert.equal(
    finding({ ...open, checkoutStatus: 'expired', status: 'canceled' }, { captured: 0, open: 1000 }),
    'refresh',
    'a stale ledger is no reason to wake',
  );
  assert.equal(
    finding({ ...open, checkoutStatus: 'expired', status: 'captured', captured: 1000, refunded: 1000 }, { refunded: 1000 }),
    'agrees',
  );
});

test('a review that knows of its money waits undisturbed', () => {
  const review = { orderPlaced: false, checkoutStatus: 'in_review' } as const;
  assert.equal(finding({ ...review, captured: 0, status: 'authorized' }, { captured: 0, open: 1000 }), 'agrees');
  assert.equal(finding({ ...review, captured: 0, status: 'authorized' }), 'wake_checkout', 'captured by hand');
});

test('what no reading back can mend is told with the payment and the money it is about', () => {
  const second = { gatewayRef: 'pi_2', held: 700 };
  assert.deepEqual(
    { ...compareBooks(entry({}, { second })), cause: '' },
    { kind: 'mismatch', cause: '', gatewayRef: 'pi_2', amount: 700 },
  );
  assert.deepEqual(
    { ...compareBooks(entry({}, { captured: 1500 })), cause: '' },
    { kind: 'mismatch', cause: '', gatewayRef: 'pi_1', amount: 500 },
  );
  assert.equal(finding({}, { otherCurrency: true }), 'mismatch');
});

test('with an order, equal sums never call for anything and unequal ones never go unseen', () => {
  const amounts = fc.record({
    captured: fc.nat(1000),
    refunded: fc.nat(1000),
    ledgerCaptured: fc.nat(1000),
    ledgerRefunded: fc.nat(1000),
  });
  fc.assert(
    fc.property(amounts, ({ captured, refunded, ledgerCaptured, ledgerRefunded }) => {
      const both = entry({ captured, refunded }, { captured: ledgerCaptured, refunded: ledgerRefunded });
      const equal = captured === ledgerCaptured && refunded === ledgerRefunded;
      assert.equal(compareBooks(both).kind === 'agrees', equal);
      assert.equal(ledgerHasLess(both), ledgerCaptured < captured || ledgerRefunded < refunded);
    }),
  );
});
