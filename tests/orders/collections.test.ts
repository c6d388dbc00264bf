import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { signIn } from '../payments/customer-commands.ts';
import { give, placeOrder } from '../payments/commands.ts';
import { startStore, untilAnswered, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { assertEditedBooks, balancesOf, changed, edit, eventsOf, readEdited, staged, type Balance, type EditedOrder } from './edit-commands.ts';
import { eventTypesOf } from '../support/events.ts';

let store: TestStore;
let shopper = 0;

/** What `orderBalancePay` answers: a member of its union. */
interface PayAnswer {
  readonly __typename: string;
  readonly balance?: { readonly status: string; readonly amount: { readonly amount: number }; readonly orderNumber: string };
  readonly redirectUrl?: string | null;
  readonly reason?: string;
  readonly retryable?: boolean;
  readonly status?: string;
  readonly code?: string;
  readonly field?: string;
}

const SHOWN = 'balance { status amount { amount } orderNumber }';
const PAY = `mutation P($input: OrderBalancePayInput!) { answer: orderBalancePay(input: $input) { __typename
  ... on OrderBalancePaid { ${SHOWN} } ... on OrderBalanceProcessing { ${SHOWN} } ... on OrderBalanceActionRequired { redirectUrl }
  ... on OrderBalanceDeclined { reason retryable } ... on OrderBalanceEnded { status } ... on InputError { code field message } } }`;
const CREATE_INTENT = { method: 'POST', path: '/v1/payment_intents' } as const;
const THREE_D_SECURE = { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example.com/back' };

const pay = async (token: string, input: object = {}, headers: Record<string, string> = {}): Promise<PayAnswer> =>
  (await store.query<{ answer: PayAnswer }>(PAY, { input: { token, paymentMethod: 'pm_card_visa', ...input } }, { shopper, headers })).answer;

const order = async (): Promise<EditedOrder> => readEdited(store, (await placeOrder(store, (shopper += 1))).id);

const addMug = (): object => ({ addLine: { variantId: store.catalog.variants['MUG']?.id, quantity: 1 } });

/** The token of the link that was sent last. */
async function tokenOf(orderId: string, type = 'order.balance_due'): Promise<string> {
  const event = await waitFor(async () => (await eventsOf(store, orderId)).filter((candidate) => candidate.type === type).at(-1), { what: type });
  const url = String(event.payload['url']);
  assert.match(url, /\/balance\/[\w-]{20,}$/);
  return url.split('/').at(-1) ?? '';
}

/** An order of one mug to which another one was added, with the token of the link by which that is paid. */
async function dearer(): Promise<{ placed: EditedOrder; token: string; balance: Balance }> {
  const placed = await order();
  const committed = await changed(store, placed.id, [addMug()]);
  if (!committed.balance) throw new Error(`No balance: ${JSON.stringify(committed)}`);
  return { placed, token: await tokenOf(placed.id), balance: committed.balance };
}

const balanceOf = async (orderId: string): Promise<Balance | undefined> => (await balancesOf(store, orderId))[0];

const paid = (orderId: string): Promise<unknown> =>
  waitFor(async () => (await balanceOf(orderId))?.status === 'PAID' && (await readEdited(store, orderId)).paymentStatus === 'CAPTURED', { what: 'the balance to be paid' });

const tries = (orderId: string): Promise<{ id: string; status: string; captured: number }[]> =>
  store.database.rows(ephemeral('SELECT id, status, captured FROM payments WHERE order_id = $1 AND position > 1 ORDER BY position'), [orderId]);

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: 1_000 }]);
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await assertEditedBooks(store);
});

after(() => store.close());

describe('a balance that is due', () => {
  it('is paid by the link, once, from however many tabs', async () => {
    const { placed, token, balance } = await dearer();
    assert.equal(balance.amount.amount, 1_089);
    assert.equal((await readEdited(store, placed.id)).paymentStatus, 'PARTIALLY_CAPTURED');
    const answers = await Promise.all([1, 2, 3].map(() => pay(token)));
    assert.deepEqual(answers.map(({ __typename }) => __typename), ['OrderBalancePaid', 'OrderBalancePaid', 'OrderBalancePaid'], JSON.stringify(answers));
    assert.deepEqual([answers[0]?.balance?.amount.amount, answers[0]?.balance?.orderNumber], [1_089, placed.number]);
    assert.equal((await readEdited(store, placed.id)).paymentStatus, 'CAPTURED');
    assert.equal((await tries(placed.id)).length, 1);
    assert.equal((await eventTypesOf(store.database, placed.id)).filter((type) => type === 'order.balance_paid').length, 1);
    assert.equal((await pay(token)).__typename, 'OrderBalancePaid');
    assert.equal((await pay('unknown-token-of-nobody')).code, 'NOT_FOUND');
  });

  it('that is declined can be paid with another card', async () => {
    const { placed, token } = await dearer();
    const declined = await pay(token, { paymentMethod: 'pm_card_visa_chargeDeclinedInsufficientFunds' });
    assert.deepEqual([declined.__typename, declined.reason, declined.retryable], ['OrderBalanceDeclined', 'insufficient_funds', true], JSON.stringify(declined));
    assert.equal((await pay(token)).__typename, 'OrderBalancePaid');
    assert.deepEqual((await tries(placed.id)).map(({ status }) => status), ['failed', 'captured']);
  });

  it('waits for the customer to authenticate; the webhook ends it', async () => {
    const { placed, token } = await dearer();
    const asked = await pay(token, THREE_D_SECURE);
    assert.equal(asked.__typename, 'OrderBalanceActionRequired', JSON.stringify(asked));
    // The same again, and from another tab: the same challenge.
    assert.equal((await pay(token, THREE_D_SECURE)).redirectUrl, asked.redirectUrl);
    await store.authenticate(asked.redirectUrl ?? '', 'complete');
    await paid(placed.id);
    assert.equal((await tries(placed.id)).length, 1);
    assert.equal((await pay(token, THREE_D_SECURE)).__typename, 'OrderBalancePaid');
  });

  it('gives way to another card while nobody has authenticated; a failed challenge is a decline', async () => {
    const { placed, token } = await dearer();
    const first = await pay(token, THREE_D_SECURE);
    assert.equal((await pay(token)).__typename, 'OrderBalancePaid');
    // Too late: the gateway has nothing to decide any more.
    await store.authenticate(first.redirectUrl ?? '', 'complete');
    assert.deepEqual((await tries(placed.id)).map(({ status }) => status), ['canceled', 'captured']);
    const other = await dearer();
    const asked = await pay(other.token, THREE_D_SECURE);
    await store.authenticate(asked.redirectUrl ?? '', 'fail');
    await waitFor(async () => (await tries(other.placed.id))[0]?.status === 'failed', { what: 'the decline' });
    assert.equal((await pay(other.token)).__typename, 'OrderBalancePaid');
  });

  it('is charged once though the gateway’s answers are lost', async () => {
    for (const stage of ['before', 'after'] as const) {
      const { placed, token } = await dearer();
      await store.gateway.addFault({ match: CREATE_INTENT, times: 2, effect: { kind: 'drop', stage } });
      await untilAnswered(() => pay(token));
      await paid(placed.id);
      await store.gateway.clearFaults();
      assert.deepEqual((await tries(placed.id)).map(({ captured }) => captured), [1_089]);
    }
  });

  for (const stage of ['before', 'during', 'after'] as const) {
    it(`is charged once though the worker is killed while the gateway has the request (${stage} processing)`, async () => {
      const { placed, token } = await dearer();
      const fault = await store.gateway.addFault({ match: CREATE_INTENT, times: 1, effect: { kind: 'hold', stage } });
      const asked = untilAnswered(() => pay(token));
      await waitFor(async () => (await store.gateway.faults()).some(({ id, held }) => id === fault && held > 0), { what: 'the gateway to have the request' });
      await store.worker.kill();
      await store.gateway.releaseFault(fault);
      await store.worker.restart();
      await asked;
      await paid(placed.id);
      assert.equal((await tries(placed.id)).length, 1);
    });
  }

  it('ends with the order: what is paid too late goes back', async () => {
    const { placed, token } = await dearer();
    const asked = await pay(token, THREE_D_SECURE);
    assert.equal(asked.__typename, 'OrderBalanceActionRequired');
    const canceled = await give(store, 'cancel', { orderId: placed.id, reason: 'changed my mind' });
    assert.equal(canceled.order?.status, 'CANCELED', JSON.stringify(canceled));
    await store.authenticate(asked.redirectUrl ?? '', 'complete');
    const late = await pay(token);
    assert.deepEqual([late.__typename, late.status], ['OrderBalanceEnded', 'CANCELED'], JSON.stringify(late));
  });

  it('is stopped as soon as its order is canceled, though nobody asks for it', async () => {
    const { placed, token } = await dearer();
    await pay(token, THREE_D_SECURE);
    await give(store, 'cancel', { orderId: placed.id, reason: 'changed my mind' });
    await waitFor(async () => (await balancesOf(store, placed.id))[0]?.status === 'CANCELED', { what: 'the balance to end' });
    await waitFor(async () => (await tries(placed.id))[0]?.status === 'canceled', { what: 'the try to be stopped' });
  });

  it('is taken over by a later edit, but not while it is being paid', async () => {
    const { placed, token } = await dearer();
    const asked = await pay(token, THREE_D_SECURE);
    const { editId } = await staged(store, placed.id, [addMug()]);
    const busy = await edit(store, 'commit', { editId });
    assert.equal(busy.code, 'INVALID_TRANSITION', JSON.stringify(busy));
    await store.authenticate(asked.redirectUrl ?? '', 'fail');
    await waitFor(async () => (await tries(placed.id))[0]?.status === 'failed', { what: 'the decline' });
    await edit(store, 'preview', { editId, rebase: true });
    const committed = await edit(store, 'commit', { editId });
    assert.equal(committed.balance?.amount.amount, 2_178, JSON.stringify(committed));
    assert.deepEqual((await balancesOf(store, placed.id)).map(({ status }) => status), ['OPEN', 'CANCELED']);
    assert.equal((await pay(token)).__typename, 'OrderBalanceEnded');
    await waitFor(async () => (await eventsOf(store, placed.id)).filter(({ type }) => type === 'order.balance_due').length === 2, { what: 'the new link' });
    assert.equal((await pay(await tokenOf(placed.id))).__typename, 'OrderBalancePaid');
  });
});

describe('a saved method', () => {
  const saveMethod = async (email: string, paymentMethod: string) => {
    const customer = await signIn(store, email);
    const headers = { 'x-customer-token': customer.token };
    const placedAnswer = await store.submit(await store.readyCart((shopper += 1)), { savePaymentMethod: true, paymentMethod }, headers);
    const { me } = await store.query<{ me: { paymentMethods: { id: string }[] } }>('{ me { paymentMethods { id } } }', {}, { headers });
    return { orderId: placedAnswer.order?.id ?? '', savedPaymentMethodId: me.paymentMethods[0]?.id };
  };

  it('is charged without the customer when the operator says so', async () => {
    const { orderId, savedPaymentMethodId } = await saveMethod('saved@example.com', 'pm_card_visa');
    const committed = await changed(store, orderId, [addMug()], { savedPaymentMethodId });
    assert.equal(committed.balance?.status, 'OPEN', JSON.stringify(committed));
    await paid(orderId);
    assert.ok(!(await eventsOf(store, orderId)).some(({ type }) => type === 'order.balance_due'));
  });

  it('that is refused is followed by a link', async () => {
    const { orderId, savedPaymentMethodId } = await saveMethod('refused@example.com', 'pm_card_visa');
    await store.gateway.addFault({ match: CREATE_INTENT, times: 1, effect: { kind: 'decline', code: 'insufficient_funds' } });
    await changed(store, orderId, [addMug()], { savedPaymentMethodId });
    assert.equal((await pay(await tokenOf(orderId))).__typename, 'OrderBalancePaid');
    assert.deepEqual((await tries(orderId)).map(({ status }) => status), ['failed', 'captured']);
  });

  it('of somebody else is not charged', async () => {
    const { savedPaymentMethodId } = await saveMethod('owner@example.com', 'pm_card_visa');
    const placed = await order();
    const refused = await changed(store, placed.id, [addMug()], { savedPaymentMethodId });
    assert.deepEqual([refused.code, refused.field], ['INVALID_INPUT', 'savedMethodId'], JSON.stringify(refused));
  });
});
