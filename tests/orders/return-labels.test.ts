import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { shippingEmulatorControl, type ShippingEmulatorControl } from '../../emulators/shipping/control.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { eventsOf } from './edit-commands.ts';
import { assertReturnBooks, becomes, delivered, made, operate, readReturned, shop, type ShownReturn } from './return-commands.ts';

let store: TestStore;
let shipping: ShippingEmulatorControl;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: 1_000 }], { shipping: true });
  shipping = shippingEmulatorControl(store.stack.shippingUrl ?? '');
});

afterEach(async () => {
  await shipping.clearFaults();
  await assertReturnBooks(store);
});

after(() => store.close());

interface PolicyAnswer {
  readonly __typename: string;
  readonly code?: string;
  readonly field?: string;
  readonly policy?: { readonly labelProvider: string | null; readonly decideWithinHours: number; readonly windowDays: number };
}

async function setPolicy(change: Readonly<Record<string, unknown>>): Promise<PolicyAnswer> {
  const { answer } = await store.admin<{ answer: PolicyAnswer }>(
    `mutation P($input: ReturnPolicySetInput!) { answer: returnPolicySet(input: $input) { __typename ... on ReturnPolicyPayload { policy { labelProvider decideWithinHours windowDays } }
      ... on InputError { code field } } }`,
    { input: { channelCode: 'default', actor: 'operator', ...change } },
  );
  return answer;
}

async function requested(reason = 'UNWANTED') {
  const order = await delivered(store, (shopper += 1), [{ sku: 'MUG', quantity: 2 }]);
  const orderLineId = order.lines[0]?.id ?? '';
  const { id, status } = made(await shop(store, 'request', { cartToken: order.cart.token, lines: [{ orderLineId, quantity: 1, reason }] }));
  return { order, orderLineId, id, status };
}

const labeled = async (orderId: string): Promise<ShownReturn> =>
  waitFor(async () => (await readReturned(store, orderId)).returns.find(({ labelUrl }) => labelUrl !== null), { what: 'the label' });

const told = (orderId: string, type: string) => waitFor(async () => (await eventsOf(store, orderId)).find((event) => event.type === type), { what: type });

describe('a policy', () => {
  it('is set field by field; what cannot be kept is refused', async () => {
    assert.equal((await setPolicy({ decideWithinHours: 24 })).policy?.decideWithinHours, 24);
    assert.deepEqual((await setPolicy({ labelProvider: 'parcel_carrier' })).policy, { labelProvider: 'parcel_carrier', decideWithinHours: 24, windowDays: 30 });
    for (const [change, field] of [
      [{ decideWithinHours: 0 }, 'decideWithinHours'],
      [{ reminderDays: [5, 3] }, 'reminderDays.1'],
      [{ reminderDays: [90] }, 'reminderDays.0'],
      [{ restockingFeePpm: { new: 0, opened: 1_000_001, damaged: 0 } }, 'restockingFeePpm.opened'],
      [{ labelProvider: 'nobody' }, 'labelProvider'],
      [{ windowDays: -1 }, 'windowDays'],
      [{ channelCode: 'none' }, 'channelCode'],
    ] as const) {
      assert.equal((await setPolicy(change)).field, field);
    }
    assert.equal((await setPolicy({})).policy?.decideWithinHours, 24, 'what was refused changed nothing');
  });

  it('approves small returns by itself, and takes its fees', async () => {
    await setPolicy({ approveUpTo: 1_089, customerPaysFor: ['UNWANTED'], labelFee: 300, restockingFeePpm: { new: 0, opened: 100_000, damaged: 0 } });
    const { order, orderLineId, id, status } = await requested();
    assert.equal(status, 'APPROVED');
    await labeled(order.id);
    await operate(store, 'receive', { returnId: id, units: [{ orderLineId, condition: 'OPENED', quantity: 1 }] });
    const { settlement } = made(await operate(store, 'settle', { returnId: id }));
    assert.deepEqual([settlement?.value.amount, settlement?.restockingFee.amount, settlement?.labelFee.amount, settlement?.amount.amount], [1_089, 109, 300, 680]);
    assert.equal((await becomes(store, id, 'CLOSED')).outcome, 'REFUNDED');
    await setPolicy({ approveUpTo: null, labelFee: 0, restockingFeePpm: { new: 0, opened: 0, damaged: 0 } });
  });
});

describe('a label', () => {
  it('is bought before the customer is told, and its parcel is followed', async () => {
    const { order, id } = await requested();
    await operate(store, 'approve', { returnId: id });
    const { labelUrl, trackingNumber } = await labeled(order.id);
    const { payload } = await told(order.id, 'return.approved');
    assert.equal(payload['labelUrl'], labelUrl);
    for await (const { ref, trackingNumber: number } of shipping.shipments({ reference: id })) {
      assert.equal(number, trackingNumber);
      await shipping.advance(ref, 'shipped');
    }
    await becomes(store, id, 'IN_TRANSIT');
  });

  it('is bought once though the answer is lost', async () => {
    await shipping.addFault({ match: { method: 'POST' }, times: 1, effect: { kind: 'drop', stage: 'after' } });
    const { order, id } = await requested();
    await operate(store, 'approve', { returnId: id });
    await labeled(order.id);
    let bought = 0;
    for await (const _ of shipping.shipments({ reference: id })) bought += 1;
    assert.equal(bought, 1);
  });

  it('that is not sold calls a person, and the customer is told all the same', async () => {
    await shipping.addFault({ match: { method: 'POST' }, times: 1, effect: { kind: 'status', status: 422, stage: 'before' } });
    const { order, id } = await requested();
    await operate(store, 'approve', { returnId: id });
    assert.equal((await told(order.id, 'return.approved')).payload['labelUrl'], null);
    const { incidents } = await store.admin<{ incidents: { nodes: { kind: string; subjectId: string }[] } }>('{ incidents(first: 50) { nodes { kind subjectId } } }');
    assert.deepEqual(incidents.nodes.filter(({ subjectId }) => subjectId === id).map(({ kind }) => kind), ['return_label_missing']);
  });
});

describe('returns over REST', () => {
  async function call(method: string, path: string, headers: Record<string, string>, body?: object): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
    const response = await fetch(`${store.api.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(30_000),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('are asked for by the shopper and carried through by the operator', async () => {
    await setPolicy({ labelProvider: null });
    const order = await delivered(store, (shopper += 1));
    const shopperHeaders = { 'x-cart-token': order.cart.token };
    const operator = { authorization: `Bearer ${store.stack.adminApiKey}` };
    const orderLineId = order.lines[0]?.id;
    const options = await call('GET', '/v1/order/returns', shopperHeaders);
    assert.deepEqual(options.body['returns'], []);
    const asked = await call('POST', '/v1/order/returns', shopperHeaders, { lines: [{ orderLineId, quantity: 1, reason: 'OTHER' }] });
    assert.equal(asked.status, 201, JSON.stringify(asked.body));
    const { id } = asked.body['return'] as { id: string };
    assert.equal((await call('GET', `/admin/v1/returns?status=REQUESTED&orderId=${order.id}`, operator)).status, 200);
    assert.equal((await call('POST', `/admin/v1/returns/${id}/approve`, operator, { actor: 'Grace' })).status, 200);
    assert.equal((await call('POST', `/admin/v1/returns/${id}/approve`, {}, { actor: 'Grace' })).status, 401);
    const early = await call('POST', `/admin/v1/returns/${id}/settle`, operator, { actor: 'Grace' });
    assert.equal(early.status, 409, JSON.stringify(early.body));
    await call('POST', `/admin/v1/returns/${id}/receive`, operator, { actor: 'Grace', units: [{ orderLineId, condition: 'NEW', quantity: 1 }] });
    assert.equal((await call('POST', `/admin/v1/returns/${id}/settle`, operator, { actor: 'Grace' })).status, 200);
    await becomes(store, id, 'CLOSED');
    assert.equal(((await call('GET', `/admin/v1/returns/${id}`, operator)).body as { outcome?: string }).outcome, 'REFUNDED');
  });
});
