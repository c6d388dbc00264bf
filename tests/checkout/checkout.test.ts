import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { assertBooks } from '../support/books.ts';
import { eventsOf, eventTypesOf } from '../support/events.ts';
import { CANCEL, CHECKOUT, startStore, type SubmitAnswer, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';

let store: TestStore;

before(async () => {
  store = await startStore([
    { sku: 'MUG', price: 1_999, stock: 10_000 },
    { sku: 'LAST-ONE', price: 5_000, stock: 1 },
    { sku: 'FEW', price: 700, stock: 3 },
  ]);
});

after(async () => {
  await store.close();
});

function assertPlaced(answer: SubmitAnswer): void {
  assert.equal(answer.__typename, 'CheckoutPlaced', JSON.stringify(answer));
}

test('a guest buys a mug', async () => {
  const cart = await store.readyCart(1, [{ sku: 'MUG', quantity: 2 }]);
  const answer = await store.submit(cart);
  assert.equal(answer.__typename, 'CheckoutPlaced');
  assert.equal(answer.order?.status, 'PLACED');
  assert.equal(answer.order?.paymentStatus, 'CAPTURED');
  assert.equal(answer.order?.totals.total.amount, cart.total);
  await assertBooks(store);
});

test('submitting again gives the same order', async () => {
  const cart = await store.readyCart(2);
  const first = await store.submit(cart);
  const second = await store.submit(cart);
  assert.equal(first.order?.id, second.order?.id);
  await assertBooks(store);
});

test('the same cart submitted 50 times at once: one order, one charge, 50 answers alike', async () => {
  const cart = await store.readyCart(3);
  const answers = await Promise.all(Array.from({ length: 50 }, () => store.submit(cart)));
  assert.equal(new Set(answers.map((answer) => answer.order?.id)).size, 1);
  assert.ok(answers.every((answer) => answer.__typename === 'CheckoutPlaced'));
  await assertBooks(store);
});

test('a declined card tells why, frees the stock, and another card succeeds', async () => {
  const cart = await store.readyCart(4);
  const declined = await store.submit(cart, { paymentMethod: 'pm_card_visa_chargeDeclinedInsufficientFunds' });
  assert.equal(declined.__typename, 'CheckoutDeclined');
  assert.equal(declined.reason, 'insufficient_funds');
  assert.equal(declined.retryable, true);
  const [ended] = await eventsOf(store.database, declined.checkoutId ?? '');
  assert.deepEqual([ended?.type, ended?.payload['status'], ended?.payload['reason'], ended?.payload['cartId']], ['checkout.ended', 'declined', 'insufficient_funds', cart.id]);
  await assertBooks(store);
  assertPlaced(await store.submit(cart));
  await assertBooks(store);
});

test('a payment method that the gateway does not know is declined, not lost', async () => {
  const cart = await store.readyCart(5);
  const answer = await store.submit(cart, { paymentMethod: 'pm_nobody_knows' });
  assert.equal(answer.__typename, 'CheckoutDeclined');
  assertPlaced(await store.submit(cart));
  await assertBooks(store);
});

test('out of stock names the line and how many are left', async () => {
  const cart = await store.readyCart(6, [{ sku: 'FEW', quantity: 5 }]);
  const answer = await store.submit(cart);
  assert.equal(answer.__typename, 'CheckoutOutOfStock');
  assert.deepEqual(answer.lines?.map(({ requested, available }) => ({ requested, available })), [{ requested: 5, available: 3 }]);
  await assertBooks(store);
});

test('a price that changed is told, and accepted by submitting again', async () => {
  const cart = await store.readyCart(7, [{ sku: 'FEW' }]);
  await store.database.run(ephemeral('UPDATE prices SET amount = 900 WHERE variant_id = $1'), [store.catalog.variants['FEW']?.id]);
  const told = await store.submit(cart);
  assert.equal(told.__typename, 'CheckoutPriceChanged');
  const placed = await store.submit(cart);
  assert.equal(placed.__typename, 'CheckoutPlaced');
  assert.equal(placed.order?.totals.total.amount, told.total?.amount);
  await assertBooks(store);
});

test('a total that the shopper did not see is refused', async () => {
  const cart = await store.readyCart(8);
  const told = await store.submit(cart, { expectedTotal: { amount: cart.total - 1, currency: 'USD' } });
  assert.equal(told.__typename, 'CheckoutPriceChanged');
  const placed = await store.submit(cart, { expectedTotal: { amount: cart.total, currency: 'USD' } });
  assert.equal(placed.__typename, 'CheckoutPlaced');
});

test('a stale version is refused and nothing happens', async () => {
  const cart = await store.readyCart(9);
  assert.equal((await store.submit(cart, { version: cart.version - 1 })).__typename, 'VersionMismatch');
  assert.equal((await store.submit(cart, { version: cart.version })).__typename, 'CheckoutPlaced');
});

test('3-D Secure: the stock is held while the customer authenticates, the webhook places the order', async () => {
  const cart = await store.readyCart(10, [{ sku: 'LAST-ONE' }]);
  const answer = await store.submit(cart, { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example.com/back' });
  assert.equal(answer.__typename, 'CheckoutActionRequired');
  const rival = await store.readyCart(11, [{ sku: 'LAST-ONE' }]);
  assert.equal((await store.submit(rival)).__typename, 'CheckoutOutOfStock');

  await store.authenticate(answer.redirectUrl ?? '', 'complete');
  const placed = await waitFor(
    async () => {
      const { checkout } = await store.query<{ checkout: { status: string; result: SubmitAnswer } }>(CHECKOUT, { token: cart.token });
      return checkout.status === 'PLACED' && checkout.result;
    },
    { what: 'the webhook to place the order' },
  );
  assert.equal((await store.submit(cart)).order?.id, placed.order?.id);
  await assertBooks(store);
});

test('3-D Secure that fails is a decline; the cart can be paid with another card', async () => {
  const cart = await store.readyCart(12);
  const answer = await store.submit(cart, { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example.com/back' });
  await store.authenticate(answer.redirectUrl ?? '', 'fail');
  const resubmitted = await store.submit(cart, { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example.com/back' });
  assert.ok(['CheckoutDeclined', 'CheckoutActionRequired'].includes(resubmitted.__typename));
  assertPlaced(await store.submit(cart));
  await assertBooks(store);
});

test('another card while the first one waits for authentication replaces it', async () => {
  const cart = await store.readyCart(13);
  const waiting = await store.submit(cart, { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example.com/back' });
  assert.equal(waiting.__typename, 'CheckoutActionRequired');
  assertPlaced(await store.submit(cart));
  await assertBooks(store);
});

test('a waiting checkout can be canceled; the cart stays usable', async () => {
  const cart = await store.readyCart(14);
  await store.submit(cart, { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example.com/back' });
  const { checkoutCancel } = await store.query<{ checkoutCancel: SubmitAnswer }>(CANCEL, { token: cart.token });
  assert.equal(checkoutCancel.__typename, 'CheckoutEnded');
  assert.equal(checkoutCancel.status, 'CANCELED');
  await assertBooks(store);
  assertPlaced(await store.submit(cart));
});

test('a risky payment waits for an operator, who approves it', async () => {
  const cart = await store.readyCart(15);
  const answer = await store.submit(cart, { paymentMethod: 'pm_card_riskLevelElevated' });
  assert.equal(answer.__typename, 'CheckoutInReview');
  const decided = await decide(answer.checkoutId, 'APPROVE');
  assert.equal(decided.checkout?.status, 'PLACED');
  // The first decision counts.
  assert.equal((await decide(answer.checkoutId, 'REJECT')).checkout?.status, 'PLACED');
  const [opened, told, ...more] = await eventsOf(store.database, answer.checkoutId ?? '');
  assert.deepEqual([opened?.type, opened?.payload['defaultDecision'], opened?.payload['rules']], ['checkout.review_opened', 'reject', ['gateway_risk']]);
  assert.deepEqual([told?.type, told?.payload['decision'], more], ['checkout.review_decided', 'approve', []]);
  await waitFor(async () => (await store.submit(cart)).order?.paymentStatus === 'CAPTURED', { what: 'the approved payment to be captured' });
  await assertBooks(store);
});

test('a risky payment that an operator rejects is given back', async () => {
  const cart = await store.readyCart(16);
  const answer = await store.submit(cart, { paymentMethod: 'pm_card_riskLevelElevated' });
  assert.equal((await decide(answer.checkoutId, 'REJECT')).checkout?.status, 'REJECTED');
  assert.deepEqual(await eventTypesOf(store.database, answer.checkoutId ?? ''), ['checkout.review_opened', 'checkout.review_decided', 'checkout.ended']);
  await assertBooks(store);
});

test('an operator cancels an order: money back, stock back, once', async () => {
  const cart = await store.readyCart(17);
  const { order } = await store.submit(cart);
  const cancel = (): Promise<{ orderCancel: { __typename: string; order?: { status: string; paymentStatus: string } } }> =>
    store.admin('mutation C($input: OrderCancelInput!) { orderCancel(input: $input) { __typename ... on OrderCancelPayload { order { status paymentStatus } } ... on InputError { code message } } }', {
      input: { orderId: order?.id, reason: 'customer changed their mind', actor: 'ada' },
    });
  const answers = await Promise.all([cancel(), cancel()]);
  for (const { orderCancel } of answers) assert.deepEqual(orderCancel.order, { status: 'CANCELED', paymentStatus: 'REFUNDED' });
  await assertBooks(store);
});

async function decide(checkoutId: string | undefined, decision: 'APPROVE' | 'REJECT'): Promise<{ __typename: string; checkout?: { status: string } }> {
  const { fraudReviewDecide } = await store.admin<{ fraudReviewDecide: { __typename: string; checkout?: { status: string } } }>(
    'mutation D($input: FraudReviewDecideInput!) { fraudReviewDecide(input: $input) { __typename ... on FraudReviewPayload { checkout { status } } ... on InputError { code message } } }',
    { input: { checkoutId, decision, actor: 'ada' } },
  );
  return fraudReviewDecide;
}
