import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertBooks } from '../support/books.ts';
import { CANCEL, startStore, type ReadyCart, type SubmitAnswer, type TestStore } from '../support/store.ts';
import { assertLedgerAddsUp } from '../support/stored-value-books.ts';
import { waitFor } from '../support/wait-for.ts';
import { give, quiet, readOrder, refundEnded, type AdminOrder } from './commands.ts';
import { applyCard, balanceOf, issueCard, onAccount, onCart } from './stored-value-commands.ts';

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 10_000, stock: 1_000 }], { stripe: { refundSettleMs: 100 } });
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await assertBooks(store);
  await assertLedgerAddsUp(store.database);
});

after(() => store.close());

const newCart = (): Promise<ReadyCart> => store.readyCart((shopper += 1));

/** A checkout that pays with what the cart has applied, and with nothing else. */
const submitWithoutMethod = (cart: ReadyCart): Promise<SubmitAnswer> => store.submit(cart, { paymentMethod: null });

async function placed(answer: SubmitAnswer): Promise<AdminOrder> {
  assert.ok(answer.order, JSON.stringify(answer));
  return readOrder(store, answer.order.id);
}

/** What each gateway of the order took and gave back. */
const moneyOf = ({ payments }: AdminOrder): Record<string, { captured: number; refunded: number }> =>
  Object.fromEntries(
    payments.map(({ gateway, captured, refunded }) => [gateway, { captured: captured.amount, refunded: refunded.amount }]),
  );

/** Charges at the gateway for the order. */
async function chargesOf(orderId: string): Promise<number> {
  let charged = 0;
  for await (const { metadata, captured } of store.gateway.ledger()) if (metadata['order_id'] === orderId) charged += captured;
  return charged;
}

describe('a checkout with a gift card', () => {
  it('that covers all of it needs no payment method and no gateway', async () => {
    const cart = await newCart();
    const { id, code } = await issueCard(store, cart.total + 500);
    assert.equal((await applyCard(store, cart, code)).amountDue.amount, 0);
    const order = await placed(await submitWithoutMethod(cart));
    assert.equal(order.paymentStatus, 'CAPTURED');
    assert.deepEqual(moneyOf(order), { gift_card: { captured: cart.total, refunded: 0 } });
    assert.equal(await chargesOf(order.id), 0);
    assert.deepEqual(await balanceOf(store, id), { available: 500, held: 0 });
    assert.equal((await onCart(store, 'apply', cart, { code })).code, 'CONFLICT');
  });

  it('that covers a part takes the rest from a credit card, and a second submission takes nothing', async () => {
    const cart = await newCart();
    const { id, code } = await issueCard(store, 4_000);
    const { amountDue } = await applyCard(store, cart, code);
    const order = await placed(await store.submit(cart));
    assert.equal((await placed(await store.submit(cart))).id, order.id);
    assert.deepEqual(moneyOf(order), {
      gift_card: { captured: 4_000, refunded: 0 },
      stripe: { captured: amountDue.amount, refunded: 0 },
    });
    assert.equal(order.paymentStatus, 'CAPTURED');
    assert.equal(await chargesOf(order.id), cart.total - 4_000);
    assert.deepEqual(await balanceOf(store, id), { available: 0, held: 0 });
  });

  it('and no payment method for the rest is refused, and holds nothing', async () => {
    const cart = await newCart();
    const { id, code } = await issueCard(store, 4_000);
    await applyCard(store, cart, code);
    const answer = await submitWithoutMethod(cart);
    assert.deepEqual(
      [answer.__typename, answer.problems?.map((problem) => problem.code)],
      ['CheckoutInvalid', ['PAYMENT_METHOD_MISSING']],
    );
    assert.deepEqual(await balanceOf(store, id), { available: 4_000, held: 0 });
  });

  it('whose credit card is declined gives the gift card back, and can be tried again', async () => {
    const cart = await newCart();
    const { id, code } = await issueCard(store, 4_000);
    await applyCard(store, cart, code);
    const declined = await store.submit(cart, { paymentMethod: 'pm_card_visa_chargeDeclined' });
    assert.equal(declined.__typename, 'CheckoutDeclined');
    assert.deepEqual(await balanceOf(store, id), { available: 4_000, held: 0 });
    const order = await placed(await store.submit(cart));
    assert.equal(moneyOf(order)['gift_card']?.captured, 4_000);
    assert.deepEqual(await balanceOf(store, id), { available: 0, held: 0 });
  });

  it('holds the card while the customer authenticates, and lets it go when the customer gives up', async () => {
    const cart = await newCart();
    const { id, code } = await issueCard(store, 4_000);
    await applyCard(store, cart, code);
    const waiting = await store.submit(cart, {
      paymentMethod: 'pm_card_authenticationRequired',
      returnUrl: 'https://shop.example/back',
    });
    assert.equal(waiting.__typename, 'CheckoutActionRequired');
    assert.deepEqual(await balanceOf(store, id), { available: 0, held: 4_000 });
    const busy = await onCart(store, 'remove', cart, { accountId: id });
    assert.equal(busy.code, 'CONFLICT');
    const { checkoutCancel } = await store.query<{ checkoutCancel: SubmitAnswer }>(CANCEL, { token: cart.token });
    assert.equal(checkoutCancel.status, 'CANCELED', JSON.stringify(checkoutCancel));
    assert.deepEqual(await balanceOf(store, id), { available: 4_000, held: 0 });
  });

  it('cannot draw on an account that is named instead of applied', async () => {
    const cart = await newCart();
    const { id } = await issueCard(store, cart.total);
    const credit = await onAccount(store, 'credit', {
      email: 'owner@example.com',
      amount: { amount: cart.total, currency: 'USD' },
      reference: `named ${id}`,
    });
    for (const [gateway, paymentMethod] of [
      ['gift_card', id],
      ['store_credit', credit.account?.id ?? ''],
    ] as const) {
      const answer = await store.submit(cart, { gateway, paymentMethod });
      assert.deepEqual(
        [answer.__typename, answer.problems?.map(({ code, field }) => [code, field])],
        ['CheckoutInvalid', [['PAYMENT_GATEWAY_NOT_OFFERED', 'gateway']]],
      );
    }
    assert.deepEqual(await balanceOf(store, id), { available: cart.total, held: 0 });
    assert.deepEqual(await balanceOf(store, credit.account?.id ?? ''), { available: cart.total, held: 0 });
  });

  it('pays with one card in many carts at once only as often as it can', async () => {
    const carts = await Promise.all(Array.from({ length: 8 }, () => newCart()));
    const [{ total } = { total: 0 }] = carts;
    const { id, code } = await issueCard(store, total * 2 + 300);
    for (const cart of carts) await applyCard(store, cart, code);
    const answers = await Promise.all(carts.map((cart) => submitWithoutMethod(cart)));
    const orders = answers.filter(({ __typename }) => __typename === 'CheckoutPlaced');
    assert.equal(orders.length, 2, JSON.stringify(answers));
    for (const { __typename, problems } of answers) {
      if (__typename === 'CheckoutPlaced') continue;
      assert.equal(__typename, 'CheckoutInvalid');
      assert.ok(problems?.every((problem) => ['STORED_VALUE_CHANGED', 'PAYMENT_METHOD_MISSING'].includes(problem.code)));
    }
    assert.deepEqual(await balanceOf(store, id), { available: 300, held: 0 });
  });
});

describe('the money of such an order', () => {
  const paidWithBoth = async (): Promise<{ order: AdminOrder; cardId: string }> => {
    const cart = await newCart();
    const { id, code } = await issueCard(store, 4_000);
    await applyCard(store, cart, code);
    return { order: await placed(await store.submit(cart)), cardId: id };
  };

  it('goes back where it came from when all of it is refunded', async () => {
    const { order, cardId } = await paidWithBoth();
    const total = order.totals.total.amount;
    const { refund } = await give(store, 'refund', {
      orderId: order.id,
      version: order.version,
      amount: total,
      reason: 'sent back',
    });
    assert.equal(await refundEnded(store, refund?.id ?? ''), 'SUCCEEDED');
    const refunded = await quiet(store, order.id);
    assert.equal(refunded.paymentStatus, 'REFUNDED');
    assert.deepEqual(moneyOf(refunded), {
      gift_card: { captured: 4_000, refunded: 4_000 },
      stripe: { captured: total - 4_000, refunded: total - 4_000 },
    });
    assert.deepEqual(await balanceOf(store, cardId), { available: 4_000, held: 0 });
  });

  it('goes back when the order is canceled', async () => {
    const { order, cardId } = await paidWithBoth();
    assert.equal((await give(store, 'cancel', { orderId: order.id, reason: 'out of mugs' })).__typename, 'OrderCancelPayload');
    await waitFor(async () => (await readOrder(store, order.id)).status === 'CANCELED', { what: 'the order to be canceled' });
    await quiet(store, order.id);
    await waitFor(async () => (await balanceOf(store, cardId)).available === 4_000, { what: 'the card to have its money back' });
  });

  it('comes from a bank transfer when an operator says that it has come in', async () => {
    const cart = await newCart();
    const { id, code } = await issueCard(store, 4_000);
    await applyCard(store, cart, code);
    const order = await placed(await store.submit(cart, { gateway: 'manual', paymentMethod: 'bank_transfer' }));
    assert.equal(moneyOf(order)['manual']?.captured, 0);
    const paid = await give(store, 'markPaid', { orderId: order.id, version: order.version });
    assert.equal(paid.__typename, 'OrderPaymentPayload', JSON.stringify(paid));
    const now = await quiet(store, order.id);
    assert.equal(now.paymentStatus, 'CAPTURED');
    assert.deepEqual(moneyOf(now), {
      gift_card: { captured: 4_000, refunded: 0 },
      manual: { captured: cart.total - 4_000, refunded: 0 },
    });
    assert.deepEqual(await balanceOf(store, id), { available: 0, held: 0 });
  });
});
