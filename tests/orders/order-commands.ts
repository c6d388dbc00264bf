import type { TestStore } from '../support/store.ts';

/** An order as the admin API shows its parcels. */
export interface ShippedOrder {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly paymentStatus: string;
  readonly fulfillmentStatus: string;
  readonly deliveredAt: string | null;
  readonly tags: readonly string[];
  readonly totals: { readonly total: { readonly amount: number } };
  readonly payments: { readonly status: string; readonly captured: { readonly amount: number } }[];
  readonly lines: {
    readonly id: string;
    readonly sku: string;
    readonly quantity: number;
    readonly fulfillmentQuantity: number;
    readonly shippedQuantity: number;
    readonly deliveredQuantity: number;
  }[];
  readonly fulfillments: Parcel[];
}

export interface Parcel {
  readonly id: string;
  readonly number: number;
  readonly status: string;
  readonly carrier: string | null;
  readonly trackingNumber: string | null;
  readonly lines: { readonly orderLineId: string; readonly quantity: number }[];
}

/** What a command on an order answers: a member of its union. */
export interface OrderAnswer {
  readonly __typename: string;
  readonly order?: ShippedOrder;
  readonly fulfillments?: (Parcel & { readonly locationId: string })[];
  readonly fulfillment?: Parcel;
  readonly code?: string;
  readonly field?: string;
  readonly message?: string;
  readonly currentVersion?: number;
}

const PARCEL = 'id number status carrier trackingNumber lines { orderLineId quantity }';
const ORDER = `id version status paymentStatus fulfillmentStatus deliveredAt tags totals { total { amount } } payments { status captured { amount } }
  lines { id sku quantity fulfillmentQuantity shippedQuantity deliveredQuantity } fulfillments { ${PARCEL} }`;
const REFUSED = '... on InputError { code field message }';

const command = (name: string, input: string, answer: string): string => `mutation C($input: ${input}!) { answer: ${name}(input: $input) { __typename ${answer} ${REFUSED} } }`;
const FULFILLMENT = `... on FulfillmentPayload { fulfillment { ${PARCEL} } order { ${ORDER} } }`;
const COMMANDS = {
  fulfill: command('orderFulfill', 'OrderFulfillInput', `... on OrderFulfillPayload { fulfillments { locationId ${PARCEL} } order { ${ORDER} } } ... on VersionMismatch { code currentVersion }`),
  move: command('fulfillmentMove', 'FulfillmentMoveInput', FULFILLMENT),
  cancelFulfillment: command('fulfillmentCancel', 'FulfillmentCancelInput', FULFILLMENT),
  note: command('orderNoteAdd', 'OrderNoteAddInput', `... on OrderCommandPayload { order { ${ORDER} } }`),
  tags: command('orderTagsSet', 'OrderTagsSetInput', `... on OrderCommandPayload { order { ${ORDER} } }`),
} as const;

/** Gives an operator's command; `actor` is filled in. */
export async function ask(store: TestStore, name: keyof typeof COMMANDS, input: Readonly<Record<string, unknown>>): Promise<OrderAnswer> {
  const { answer } = await store.admin<{ answer: OrderAnswer }>(COMMANDS[name], { input: { actor: 'operator', ...input } });
  return answer;
}

/** The order as the admin API shows it. */
export async function readShipped(store: TestStore, id: string): Promise<ShippedOrder> {
  const { order } = await store.admin<{ order: ShippedOrder }>(`query O($id: ID) { order(id: $id) { ${ORDER} } }`, { id });
  return order;
}

/** A new order of one shopper. */
export async function placed(store: TestStore, shopper: number, lines?: Parameters<TestStore['readyCart']>[1]): Promise<ShippedOrder> {
  const answer = await store.submit(await store.readyCart(shopper, lines));
  if (!answer.order) throw new Error(`No order: ${JSON.stringify(answer)}`);
  return readShipped(store, answer.order.id);
}

/** Makes parcels of the order as it stands; asks again when something else changed it meanwhile, such as a capture. */
export async function fulfill(store: TestStore, orderId: string, input: Readonly<Record<string, unknown>> = {}): Promise<OrderAnswer> {
  for (;;) {
    const { version } = await readShipped(store, orderId);
    const made = await ask(store, 'fulfill', { orderId, version, ...input });
    if (made.code !== 'VERSION_MISMATCH') return made;
  }
}

/** Sends everything that can be sent in parcels that are shipped at once; tells the order. */
export async function shipAll(store: TestStore, order: Pick<ShippedOrder, 'id'>): Promise<ShippedOrder> {
  const made = await fulfill(store, order.id);
  if (!made.fulfillments) throw new Error(`Not fulfilled: ${JSON.stringify(made)}`);
  for (const { id } of made.fulfillments) {
    const moved = await ask(store, 'move', { fulfillmentId: id, to: 'SHIPPED', carrier: 'Parcel Post', trackingNumber: `T-${id}` });
    if (!moved.fulfillment) throw new Error(`Not shipped: ${JSON.stringify(moved)}`);
  }
  return readShipped(store, order.id);
}

/** As `shipAll`, and everything arrives. */
export async function deliverAll(store: TestStore, order: Pick<ShippedOrder, 'id'>): Promise<ShippedOrder> {
  for (const { id } of (await shipAll(store, order)).fulfillments.filter(({ status }) => status === 'SHIPPED')) {
    await ask(store, 'move', { fulfillmentId: id, to: 'DELIVERED' });
  }
  return readShipped(store, order.id);
}
