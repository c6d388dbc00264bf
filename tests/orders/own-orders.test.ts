import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sessionOf, signIn, type SignedIn } from '../payments/customer-commands.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { shipAll } from './order-commands.ts';

interface OwnOrder {
  readonly id: string;
  readonly number: string;
  readonly fulfillments: { readonly status: string; readonly trackingNumber: string | null }[];
}

interface Tracking {
  readonly number: string;
  readonly status: string;
  readonly fulfillmentStatus: string;
  readonly parcels: {
    readonly number: number;
    readonly status: string;
    readonly carrier: string | null;
    readonly trackingNumber: string | null;
  }[];
}

const OWN = 'id number fulfillments { status trackingNumber }';
const ME = `query M($first: Int, $after: String) { me { orders(first: $first, after: $after) { nodes { ${OWN} } pageInfo { endCursor hasNextPage } } } }`;
const ORDER = `query O($id: ID, $cartToken: String) { order(id: $id, cartToken: $cartToken) { ${OWN} } }`;
const TRACK =
  'query T($number: String!, $email: String!) { orderTrack(number: $number, email: $email) { number status fulfillmentStatus parcels { number status carrier trackingNumber } } }';

let store: TestStore;
let ada: SignedIn;
let grace: SignedIn;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 2_000, stock: 100 }]);
  ada = await signIn(store, 'ada@example.com');
  grace = await signIn(store, 'grace@example.com');
});

after(() => store.close());

/** Something of a customer's own; without a token as a guest. */
const asked = <Data>(query: string, variables: Readonly<Record<string, unknown>>, customer?: SignedIn): Promise<Data> =>
  store.query<Data>(query, variables, { headers: customer ? sessionOf(customer.token) : {} });

/** A new order of this customer, or of a guest. */
async function bought(
  shopper: number,
  customer?: SignedIn,
): Promise<{ id: string; number: string; token: string; email: string }> {
  const cart = await store.readyCart(shopper);
  const { order } = await store.submit(cart, {}, customer ? sessionOf(customer.token) : {});
  assert.ok(order);
  return { id: order.id, number: order.number, token: cart.token, email: `shopper${shopper}@example.com` };
}

async function track(number: string, email: string, shopper: number): Promise<Tracking | null> {
  return (await store.query<{ orderTrack: Tracking | null }>(TRACK, { number, email }, { shopper })).orderTrack;
}

it('customers see their own orders, newest first, and never those of others', async () => {
  const mine = [await bought(1, ada), await bought(2, ada), await bought(3, ada)];
  const hers = await bought(4, grace);
  const guests = await bought(5);

  const ids: string[] = [];
  for (let cursor: string | null = null; ;) {
    const { me }: { me: { orders: { nodes: OwnOrder[]; pageInfo: { endCursor: string; hasNextPage: boolean } } } } = await asked(
      ME,
      { first: 2, after: cursor },
      ada,
    );
    ids.push(...me.orders.nodes.map(({ id }) => id));
    if (!me.orders.pageInfo.hasNextPage) break;
    cursor = me.orders.pageInfo.endCursor;
  }
  assert.deepEqual(ids, mine.map(({ id }) => id).reverse());

  const read = async (id: string, customer?: SignedIn) =>
    (await asked<{ order: OwnOrder | null }>(ORDER, { id }, customer)).order?.id ?? null;
  assert.equal(await read(hers.id, grace), hers.id);
  for (const other of [hers.id, guests.id, 'ord_none']) assert.equal(await read(other, ada), null);
  await assert.rejects(read(hers.id), /UNAUTHENTICATED|x-customer-token/);
  await assert.rejects(read(hers.id, { ...ada, token: 'x'.repeat(32) }), /over or never was/);
  assert.equal((await asked<{ me: unknown }>(ME, {})).me, null);

  const byToken = await asked<{ order: OwnOrder | null }>(ORDER, { cartToken: guests.token });
  assert.equal(byToken.order?.id, guests.id);
  await assert.rejects(asked(ORDER, { id: hers.id, cartToken: guests.token }, grace), /either cartToken or id/);
  await assert.rejects(asked(ORDER, {}, grace), /either cartToken or id/);
});

it('an order tells where its parcels are, to its customer and to who knows its number and address', async () => {
  const order = await bought(10, ada);
  await shipAll(store, order);
  const own = await asked<{ order: OwnOrder }>(ORDER, { id: order.id }, ada);
  assert.deepEqual(
    own.order.fulfillments.map(({ status }) => status),
    ['SHIPPED'],
  );
  assert.match(own.order.fulfillments[0]?.trackingNumber ?? '', /^T-ful_/);

  const told = await track(order.number, ` ${order.email.toUpperCase()} `, 11);
  assert.deepEqual(
    [told?.number, told?.fulfillmentStatus, told?.parcels.map(({ number, status, carrier }) => [number, status, carrier])],
    [order.number, 'FULFILLED', [[1, 'SHIPPED', 'Parcel Post']]],
  );
  const wrong = [await track(order.number, 'someone@example.com', 11), await track('T-999999', order.email, 11)];
  assert.deepEqual(wrong, [null, null]);
});

it('numbers and addresses cannot be tried out', async () => {
  const order = await bought(20);
  // Right answers don't count, however many.
  for (let time = 0; time < 12; time += 1) assert.ok(await track(order.number, order.email, 21));
  const guesses = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => track(order.number, `guess${index}@example.com`, 22)),
  );
  const answered = guesses.filter((guess) => guess.status === 'fulfilled');
  assert.ok(answered.length <= 10 && answered.every(({ value }) => value === null), `${answered.length} answers`);
  await assert.rejects(track(order.number, order.email, 22), /Too many questions/);
  assert.ok(await track(order.number, order.email, 21), 'others are not concerned');
});
