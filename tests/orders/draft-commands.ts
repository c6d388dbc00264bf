import { ephemeral } from '../../adapters/postgres/database.ts';
import type { ReadyCart, TestStore } from '../support/store.ts';

/** A draft as the admin API shows it. */
export interface ShownDraft {
  readonly id: string;
  readonly status: string;
  readonly orderId: string | null;
  readonly customerId: string | null;
  readonly expiresAt: string;
  readonly invoiceSentAt: string | null;
  readonly invoicesSent: number;
  readonly cart: {
    readonly version: number;
    readonly email: string | null;
    readonly promotionCode: string | null;
    readonly lines: {
      readonly sku: string;
      readonly quantity: number;
      readonly fixedPrice: boolean;
      readonly unitPrice: { readonly amount: number } | null;
    }[];
    readonly totals: {
      readonly discount: { readonly amount: number };
      readonly shipping: { readonly amount: number };
      readonly total: { readonly amount: number };
    };
    readonly problems: { readonly code: string }[];
  };
}

/** What a command on a draft answers: a member of its union. */
export interface DraftAnswer {
  readonly __typename: string;
  readonly draftOrder?: ShownDraft;
  readonly code?: string;
  readonly field?: string;
  readonly message?: string;
}

const DRAFT = `id status orderId customerId expiresAt invoiceSentAt invoicesSent cart { version email promotionCode
  lines { sku quantity fixedPrice unitPrice { amount } } totals { discount { amount } shipping { amount } total { amount } } problems { code } }`;
const command = (name: string): string => `mutation C($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) {
  answer: ${name}(input: $input) { __typename ... on DraftOrderPayload { draftOrder { ${DRAFT} } } ... on InputError { code field message } ... on VersionMismatch { code } } }`;

const COMMANDS = {
  create: command('draftOrderCreate'),
  update: command('draftOrderUpdate'),
  invoice: command('draftOrderInvoice'),
  cancel: command('draftOrderCancel'),
  complete: command('draftOrderComplete'),
} as const;

/** Gives an operator's command; `actor` is filled in. */
export async function onDraft(
  store: TestStore,
  name: keyof typeof COMMANDS,
  input: Readonly<Record<string, unknown>>,
): Promise<DraftAnswer> {
  const { answer } = await store.admin<{ answer: DraftAnswer }>(COMMANDS[name], { input: { actor: 'operator', ...input } });
  return answer;
}

/** As `onDraft`, where it must succeed. */
export async function draft(
  store: TestStore,
  name: keyof typeof COMMANDS,
  input: Readonly<Record<string, unknown>>,
): Promise<ShownDraft> {
  const answer = await onDraft(store, name, input);
  if (!answer.draftOrder) throw new Error(`${name}: ${JSON.stringify(answer)}`);
  return answer.draftOrder;
}

export async function readDraft(store: TestStore, id: string): Promise<ShownDraft> {
  const { draftOrder } = await store.admin<{ draftOrder: ShownDraft }>(`query D($id: ID!) { draftOrder(id: $id) { ${DRAFT} } }`, {
    id,
  });
  return draftOrder;
}

export const ADDRESS = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  line1: '1 Quay',
  city: 'New York',
  region: 'NY',
  postalCode: '10001',
  countryCode: 'US',
};

/** A draft of one unit with everything that a checkout needs. */
export const readyDraft = (
  store: TestStore,
  shopper: number,
  input: Readonly<Record<string, unknown>> = {},
): Promise<ShownDraft> =>
  draft(store, 'create', {
    email: `drafted${shopper}@example.com`,
    shippingAddress: { ...ADDRESS, line1: `${shopper} Quay` },
    shippingMethodId: store.catalog.shippingMethodId,
    lines: [{ variantId: Object.values(store.catalog.variants)[0]?.id, quantity: 1 }],
    ...input,
  });

/** The links that were mailed for a draft, oldest first. */
export async function linksOf(store: TestStore, draftId: string): Promise<string[]> {
  const rows = await store.database.rows<{ url: string }>(
    ephemeral(
      "SELECT payload ->> 'url' AS url FROM outbox_events WHERE aggregate_id = $1 AND type = 'order.invoice_sent' ORDER BY aggregate_sequence",
    ),
    [draftId],
  );
  return rows.map(({ url }) => url);
}

/** Sends the invoice and opens the cart as its link does. */
export async function invoiced(store: TestStore, draftId: string, shopper: number): Promise<ReadyCart> {
  const { cart } = await draft(store, 'invoice', { id: draftId });
  const token = (await linksOf(store, draftId)).at(-1)?.split('/').at(-1) ?? '';
  return { id: draftId, token, version: cart.version, total: cart.totals.total.amount, shopper };
}
