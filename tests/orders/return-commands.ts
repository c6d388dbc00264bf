import assert from 'node:assert/strict';
import { ephemeral } from '../../adapters/postgres/database.ts';
import type { ReadyCart, TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { assertEditedBooks } from './edit-commands.ts';
import { deliverAll, type ShippedOrder } from './order-commands.ts';

/** A return as the admin API shows it. */
export interface ShownReturn {
  readonly id: string;
  readonly number: number;
  readonly kind: string;
  readonly status: string;
  readonly sendBack: boolean;
  readonly outcome: string | null;
  readonly refundId: string | null;
  readonly labelUrl: string | null;
  readonly trackingNumber: string | null;
  readonly decidedBy: string | null;
  readonly decisionReason: string | null;
  readonly sendBackBy: string | null;
  readonly lines: { readonly orderLineId: string; readonly quantity: number; readonly receivedQuantity: number; readonly acceptedQuantity: number }[];
  readonly units: { readonly orderLineId: string; readonly condition: string; readonly received: number; readonly accepted: number; readonly restocked: number }[];
  readonly settlement: Readonly<Record<'value' | 'shippingRefund' | 'restockingFee' | 'labelFee' | 'amount', { readonly amount: number }>> | null;
}

/** An order as returns change it. */
export interface ReturnedOrder {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly returnStatus: string;
  readonly paymentStatus: string;
  readonly fulfillmentStatus: string;
  readonly totals: { readonly total: { readonly amount: number } };
  readonly lines: { readonly id: string; readonly sku: string; readonly quantity: number; readonly returnedQuantity: number; readonly refundedQuantity: number; readonly total: { readonly amount: number } }[];
  readonly refunds: { readonly id: string; readonly status: string; readonly amount: { readonly amount: number } }[];
  readonly payments: { readonly captured: { readonly amount: number }; readonly refunded: { readonly amount: number }; readonly credited: { readonly amount: number } }[];
  readonly returns: ShownReturn[];
  readonly returnOptions: { readonly until: string | null; readonly lines: { readonly orderLineId: string; readonly quantity: number; readonly claimableQuantity: number; readonly refusal: string | null }[] };
}

export interface ReturnAnswer {
  readonly __typename: string;
  readonly return?: ShownReturn;
  readonly order?: ReturnedOrder;
  readonly settlement?: ShownReturn['settlement'];
  readonly code?: string;
  readonly field?: string;
  readonly message?: string;
}

const SETTLEMENT = 'settlement { value { amount } shippingRefund { amount } restockingFee { amount } labelFee { amount } amount { amount } }';
const SHARED = `id number kind status sendBack outcome refundId labelUrl trackingNumber decisionReason sendBackBy
  lines { orderLineId quantity receivedQuantity acceptedQuantity } ${SETTLEMENT}`;
const RETURN = `${SHARED} decidedBy units { orderLineId condition received accepted restocked }`;
const orderFields = (fields: string): string => `id version status returnStatus paymentStatus fulfillmentStatus totals { total { amount } }
  lines { id sku quantity returnedQuantity refundedQuantity total { amount } } refunds { id status amount { amount } }
  payments { captured { amount } refunded { amount } credited { amount } } returns { ${fields} }
  returnOptions { until lines { orderLineId quantity claimableQuantity refusal } }`;
const REFUSED = '... on InputError { code field message }';

const command = (name: string, input: string, answer: string): string => `mutation C($input: ${input}!) { answer: ${name}(input: $input) { __typename ${answer} ${REFUSED} } }`;
const PAYLOAD = `... on ReturnPayload { return { ${RETURN} } order { ${orderFields(RETURN)} } }`;
const COMMANDS = {
  open: command('returnOpen', 'ReturnOpenInput', PAYLOAD),
  approve: command('returnApprove', 'ReturnApproveInput', PAYLOAD),
  reject: command('returnReject', 'ReturnRejectInput', PAYLOAD),
  cancel: command('returnCancel', 'ReturnRejectInput', PAYLOAD),
  ship: command('returnShip', 'ReturnShipInput', PAYLOAD),
  receive: command('returnReceive', 'ReturnReceiveInput', PAYLOAD),
  preview: command('returnSettlePreview', 'ReturnSettleInput', `... on ReturnSettlePreview { ${SETTLEMENT} }`),
  settle: command('returnSettle', 'ReturnSettleInput', PAYLOAD),
} as const;

/** Gives an operator's command; `actor` is filled in. */
export async function operate(store: TestStore, name: keyof typeof COMMANDS, input: Readonly<Record<string, unknown>>): Promise<ReturnAnswer> {
  const { answer } = await store.admin<{ answer: ReturnAnswer }>(COMMANDS[name], { input: { actor: 'operator', ...input } });
  return answer;
}

const SHOPPER_PAYLOAD = `... on ReturnPayload { return { ${SHARED} } order { ${orderFields(SHARED)} } }`;
const SHOPPER_COMMANDS = {
  request: command('returnRequest', 'ReturnRequestInput', SHOPPER_PAYLOAD),
  cancel: command('returnCancel', 'ReturnCancelInput', SHOPPER_PAYLOAD),
} as const;

/** What the shopper asks for, by the token of the cart that was ordered. */
export async function shop(store: TestStore, name: keyof typeof SHOPPER_COMMANDS, input: Readonly<Record<string, unknown>>): Promise<ReturnAnswer> {
  const { answer } = await store.query<{ answer: ReturnAnswer }>(SHOPPER_COMMANDS[name], { input });
  return answer;
}

/** A return that must have been made. */
export function made(answer: ReturnAnswer): ShownReturn {
  assert.ok(answer.return, JSON.stringify(answer));
  return answer.return;
}

export async function readReturned(store: TestStore, id: string): Promise<ReturnedOrder> {
  const { order } = await store.admin<{ order: ReturnedOrder }>(`query O($id: ID) { order(id: $id) { ${orderFields(RETURN)} } }`, { id });
  return order;
}

/** Waits until the return has this status. */
export const becomes = (store: TestStore, id: string, status: string): Promise<ShownReturn> =>
  waitFor(
    async () => {
      const { found } = await store.admin<{ found: ShownReturn }>(`query R($id: ID!) { found: return(id: $id) { ${RETURN} } }`, { id });
      return found.status === status && found;
    },
    { what: `return ${id} to be ${status}`, timeoutMs: 30_000 },
  );

/** An order that has arrived, with the token of its cart. */
export async function delivered(store: TestStore, shopper: number, lines?: Parameters<TestStore['readyCart']>[1]): Promise<ShippedOrder & { cart: ReadyCart }> {
  const cart = await store.readyCart(shopper, lines);
  const answer = await store.submit(cart);
  if (!answer.order) throw new Error(`No order: ${JSON.stringify(answer)}`);
  return { ...(await deliverAll(store, answer.order)), cart };
}

/** The books of orders with returns: what came back is counted once, put on the shelf once, and paid once. */
export async function assertReturnBooks(store: TestStore): Promise<void> {
  await assertEditedBooks(store);
  const check = async (what: string, text: string): Promise<void> => assert.deepEqual(await store.database.rows(ephemeral(text)), [], what);
  await check(
    'the units that each line got back are those that its returns accepted',
    `SELECT l.id FROM order_lines l LEFT JOIN LATERAL (SELECT coalesce(sum(u.accepted_quantity), 0)::int AS units FROM return_units u WHERE u.order_line_id = l.id) r ON true
     WHERE l.returned_quantity <> r.units`,
  );
  await check(
    'what was put back on the shelf is in the ledger, once',
    `SELECT r.id FROM returns r
     LEFT JOIN LATERAL (SELECT coalesce(sum(u.restocked_quantity * (p ->> 'quantity')::int), 0)::int AS units FROM return_units u JOIN order_lines l ON l.id = u.order_line_id,
       jsonb_array_elements(l.inventory) p WHERE u.return_id = r.id) put ON true
     LEFT JOIN LATERAL (SELECT coalesce(sum(on_hand_delta), 0)::int AS units FROM stock_movements WHERE reference_id = r.id AND kind = 'return') booked ON true
     WHERE put.units <> booked.units`,
  );
  await check(
    'no more units are in returns than have left the house',
    `SELECT l.id FROM order_lines l JOIN return_lines x ON x.order_line_id = l.id JOIN returns r ON r.id = x.return_id
     GROUP BY l.id HAVING sum(CASE WHEN r.status IN ('inspected', 'closed') THEN x.accepted_quantity WHEN r.status IN ('rejected', 'canceled', 'expired') THEN 0 ELSE x.quantity END) > max(l.shipped_quantity)`,
  );
  await check(
    'a return that says refunded was refunded',
    `SELECT r.id FROM returns r LEFT JOIN refunds f ON f.id = r.refund_id WHERE r.outcome = 'refunded' AND (f.status IS DISTINCT FROM 'succeeded' OR f.amount <> r.amount)`,
  );
}
