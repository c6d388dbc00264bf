import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { paypalEmulatorControl, type PaypalEmulatorControl } from '../../emulators/paypal/control.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { readOrder, type AdminOrder } from './commands.ts';
import { manage, me, sessionOf, signIn, type SignedIn } from './customer-commands.ts';
import { answerDispute, disputeIs, disputesOf, recorded, type AdminDispute } from './dispute-commands.ts';

const RETURN_URL = 'https://shop.example/back';

let store: TestStore;
let paypal: PaypalEmulatorControl;
let people = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 10_000, stock: 1_000 }], { paypal: true });
  paypal = paypalEmulatorControl(store.stack.paypalUrl ?? '');
});

after(() => store.close());

const somebody = (): Promise<SignedIn> => signIn(store, `payer${(people += 1)}@example.com`);

const save = ({ token }: SignedIn): ReturnType<typeof manage> =>
  manage(store, token, 'save', { input: { gateway: 'paypal', paymentMethod: 'paypal', returnUrl: RETURN_URL } });

const methodsOf = async ({ token }: SignedIn): Promise<string[]> => ((await me(store, token))?.paymentMethods ?? []).map(({ id }) => id);

/** A customer with a PayPal account saved. */
async function saver(): Promise<SignedIn & { methodId: string }> {
  const ada = await somebody();
  const asked = await save(ada);
  assert.equal(asked.__typename, 'PaymentMethodActionRequired', JSON.stringify(asked));
  await paypal.approve(asked.redirectUrl ?? '', 'approve');
  const done = await manage(store, ada.token, 'complete', { setupId: asked.setupId });
  assert.ok(done.paymentMethod, JSON.stringify(done));
  return { ...ada, methodId: done.paymentMethod.id };
}

/** An order that was paid with a saved PayPal account, without a visit to PayPal. */
async function paidOrder({ token, methodId }: { token: string; methodId: string }): Promise<AdminOrder> {
  const cart = await store.readyCart((people += 1));
  const answer = await store.submit(cart, { paymentMethod: null, savedPaymentMethodId: methodId }, sessionOf(token));
  assert.equal(answer.__typename, 'CheckoutPlaced', JSON.stringify(answer));
  return readOrder(store, answer.order?.id ?? '');
}

async function captureOf({ id }: AdminOrder): Promise<string> {
  const query = ephemeral("SELECT captures->0->>'ref' AS ref FROM payments WHERE order_id = $1");
  const [payment] = await store.database.rows<{ ref: string }>(query, [id]);
  if (!payment) throw new Error(`${id} has no payment`);
  return payment.ref;
}

const disputed = async (order: AdminOrder): Promise<AdminDispute> => recorded(store, order, await paypal.openDispute(await captureOf(order)));

describe('a PayPal account', () => {
  it('is approved, saved, paid with, and removed', async () => {
    const ada = await saver();
    assert.deepEqual(await methodsOf(ada), [ada.methodId]);
    assert.equal((await paidOrder(ada)).paymentStatus, 'CAPTURED');
    assert.deepEqual((await manage(store, ada.token, 'remove', { id: ada.methodId })).paymentMethods, []);
    assert.deepEqual((await manage(store, ada.token, 'remove', { id: ada.methodId })).paymentMethods, []);
  });

  it('whose owner does not approve is not saved', async () => {
    const ada = await somebody();
    const asked = await save(ada);
    const early = await manage(store, ada.token, 'complete', { setupId: asked.setupId });
    assert.equal(early.__typename, 'PaymentMethodActionRequired', JSON.stringify(early));
    assert.deepEqual(await methodsOf(ada), []);
  });
});

describe('a dispute at PayPal', () => {
  it('holds the order, is answered once, and frees the order when it is won', async () => {
    const order = await paidOrder(await saver());
    const { id, gatewayRef } = await disputed(order);
    assert.deepEqual((await disputesOf(store, order.id)).holds, [id]);
    const evidence = { explanation: 'Handed over', trackingNumber: '1Z999', carrier: 'UPS' };
    const respond = () => answerDispute(store, 'respond', { id, ...evidence });
    const answers = await Promise.all([respond(), respond()]);
    for (const answer of answers) assert.equal(answer.dispute?.status, 'UNDER_REVIEW', JSON.stringify(answer));
    await paypal.settleDispute(gatewayRef, 'won');
    await disputeIs(store, order.id, 'WON');
    assert.deepEqual((await disputesOf(store, order.id)).holds, []);
  });

  it('that is accepted is lost, and the order stays held', async () => {
    const order = await paidOrder(await saver());
    const { id } = await disputed(order);
    const answer = await answerDispute(store, 'accept', { id });
    assert.ok(answer.dispute, JSON.stringify(answer));
    await disputeIs(store, order.id, 'LOST');
    assert.deepEqual((await disputesOf(store, order.id)).holds, [id]);
  });
});
