import assert from 'node:assert/strict';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { assertFulfillmentsSound, assertOrdersSound, assertStockBalances, settled } from '../support/books.ts';
import type { TestStore } from '../support/store.ts';

/** An order as edits show it. */
export interface EditedOrder {
  readonly id: string;
  readonly number: string;
  readonly version: number;
  readonly status: string;
  readonly paymentStatus: string;
  readonly fulfillmentStatus: string;
  readonly email: string;
  readonly shippingMethodName: string;
  readonly shippingAddress: { readonly line1: string };
  readonly totals: { readonly total: { readonly amount: number }; readonly tax: { readonly amount: number }; readonly discount: { readonly amount: number } };
  readonly lines: { readonly id: string; readonly sku: string; readonly quantity: number; readonly canceledQuantity: number; readonly refundedQuantity: number; readonly total: { readonly amount: number } }[];
  readonly payments: { readonly id: string; readonly status: string; readonly captured: { readonly amount: number }; readonly refunded: { readonly amount: number } }[];
}

export interface Balance {
  readonly id: string;
  readonly status: string;
  readonly amount: { readonly amount: number };
  readonly expiresAt: string | null;
  readonly paymentId: string | null;
}

/** What a command on an edit answers: a member of its union. */
export interface EditAnswer {
  readonly __typename: string;
  readonly edit?: { readonly id: string; readonly status: string; readonly baseVersion: number; readonly difference: number | null; readonly refundId: string | null; readonly balanceId: string | null };
  readonly order?: EditedOrder;
  readonly balance?: Balance | null;
  readonly lines?: { readonly id: string; readonly sku: string; readonly quantity: number; readonly quantityChange: number }[];
  readonly totals?: { readonly total: { readonly amount: number } };
  readonly difference?: { readonly amount: number };
  readonly refundDue?: { readonly amount: number };
  readonly collectDue?: { readonly amount: number };
  readonly code?: string;
  readonly field?: string;
  readonly message?: string;
  readonly currentVersion?: number;
}

const ORDER = `id number version status paymentStatus fulfillmentStatus email shippingMethodName shippingAddress { line1 } totals { total { amount } tax { amount } discount { amount } }
  lines { id sku quantity canceledQuantity refundedQuantity total { amount } } payments { id status captured { amount } refunded { amount } }`;
const BALANCE = 'id status amount { amount } expiresAt paymentId';
const EDIT = 'edit { id status baseVersion difference refundId balanceId }';
const REFUSED = '... on InputError { code field message } ... on VersionMismatch { code currentVersion }';
const PREVIEW = `... on OrderEditPreview { ${EDIT} lines { id sku quantity quantityChange } totals { total { amount } } difference { amount } refundDue { amount } collectDue { amount } }`;
const COMMIT = `... on OrderEditCommitPayload { ${EDIT} order { ${ORDER} } balance { ${BALANCE} } }`;

const command = (name: string, input: string, answer: string): string => `mutation C($input: ${input}!) { answer: ${name}(input: $input) { __typename ${answer} ${REFUSED} } }`;
const COMMANDS = {
  begin: command('orderEditBegin', 'OrderEditBeginInput', `... on OrderEditPayload { ${EDIT} }`),
  stage: command('orderEditStage', 'OrderEditStageInput', PREVIEW),
  preview: command('orderEditPreview', 'OrderEditPreviewInput', PREVIEW),
  commit: command('orderEditCommit', 'OrderEditCommitInput', COMMIT),
  discard: command('orderEditDiscard', 'OrderEditDiscardInput', `... on OrderEditPayload { ${EDIT} }`),
  cancelUnits: command('orderUnitsCancel', 'OrderUnitsCancelInput', COMMIT),
} as const;

/** Gives an operator's command; `actor` is filled in, except for a preview, which has none. */
export async function edit(store: TestStore, name: keyof typeof COMMANDS, input: Readonly<Record<string, unknown>>): Promise<EditAnswer> {
  const { answer } = await store.admin<{ answer: EditAnswer }>(COMMANDS[name], { input: name === 'preview' ? input : { actor: 'operator', ...input } });
  return answer;
}

export async function readEdited(store: TestStore, id: string): Promise<EditedOrder> {
  const { order } = await store.admin<{ order: EditedOrder }>(`query O($id: ID) { order(id: $id) { ${ORDER} } }`, { id });
  return order;
}

/** Begins an edit of the order as it stands and stages the changes; tells the preview. */
export async function staged(store: TestStore, orderId: string, changes: readonly object[]): Promise<EditAnswer & { readonly editId: string }> {
  const { version } = await readEdited(store, orderId);
  const begun = await edit(store, 'begin', { orderId, version });
  const editId = begun.edit?.id;
  if (editId === undefined) throw new Error(`No edit: ${JSON.stringify(begun)}`);
  return { ...(await edit(store, 'stage', { editId, changes })), editId };
}

/** Changes the order at once. */
export async function changed(store: TestStore, orderId: string, changes: readonly object[], terms: Readonly<Record<string, unknown>> = {}): Promise<EditAnswer> {
  const preview = await staged(store, orderId, changes);
  if (preview.__typename !== 'OrderEditPreview') throw new Error(`Not staged: ${JSON.stringify(preview)}`);
  return edit(store, 'commit', { editId: preview.editId, ...terms });
}

export async function balancesOf(store: TestStore, orderId: string): Promise<Balance[]> {
  const { orderBalances } = await store.admin<{ orderBalances: { nodes: Balance[] } }>(`query B($orderId: ID) { orderBalances(first: 50, orderId: $orderId) { nodes { ${BALANCE} } } }`, { orderId });
  return orderBalances.nodes;
}

/** Types of the order's events, oldest first. */
export const eventsOf = (store: TestStore, orderId: string): Promise<{ type: string; payload: Readonly<Record<string, unknown>> }[]> =>
  store.database.rows(ephemeral('SELECT type, payload FROM outbox_events WHERE aggregate_id = $1 ORDER BY position'), [orderId]);

/** The books of orders that may have several charges: stock, lines and payments are sound, and our ledger is the gateway's, payment by payment. */
export async function assertEditedBooks(store: TestStore): Promise<void> {
  await settled(store);
  await assertStockBalances(store.database);
  await assertFulfillmentsSound(store.database);
  await assertOrdersSound(store.database);
  const uneven = await store.database.rows(
    ephemeral(`SELECT o.id FROM orders o, LATERAL (SELECT coalesce(sum(l.total), 0) AS total, coalesce(sum(l.tax), 0) AS tax, coalesce(sum(l.subtotal), 0) AS subtotal, coalesce(sum(l.discount), 0) AS discount
        FROM order_lines l WHERE l.order_id = o.id) l
      WHERE o.subtotal <> l.subtotal OR o.total - l.total <> o.shipping - (o.discount - l.discount) + (o.tax - l.tax)
        OR o.tax <> (SELECT coalesce(sum((x ->> 'amount')::bigint), 0) FROM jsonb_array_elements(o.tax_lines) x)`),
  );
  assert.deepEqual(uneven, [], 'lines, shipping and tax lines add up to the order');
  const held = await store.database.rows<{ id: string; net: number }>(ephemeral("SELECT id, captured - refunded AS net FROM payments WHERE gateway = 'stripe'"));
  const ours = new Map(held.map(({ id, net }) => [id, net]));
  const charged = new Map<string, number>();
  for await (const { metadata, captured, net } of store.gateway.ledger()) {
    const paymentId = metadata['payment_id'] ?? 'none';
    if (captured > 0) {
      assert.ok(!charged.has(paymentId), `payment ${paymentId} was charged once`);
      charged.set(paymentId, net);
    }
  }
  for (const [id, net] of ours) assert.equal(charged.get(id) ?? 0, net, `payment ${id} at the gateway`);
  for (const id of charged.keys()) assert.ok(ours.has(id), `payment ${id} of the gateway is ours`);
}
