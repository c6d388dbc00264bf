import { setTimeout as delay } from 'node:timers/promises';
import { settled } from '../support/books.ts';
import type { TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';

/** An order as the admin API shows its money. */
export interface AdminOrder {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly paymentStatus: string;
  readonly totals: { readonly total: { readonly amount: number } };
  readonly lines: { readonly id: string; readonly quantity: number; readonly refundedQuantity: number }[];
  readonly payments: {
    readonly id: string;
    readonly gateway: string;
    readonly status: string;
    readonly amount: { readonly amount: number };
    readonly captured: { readonly amount: number };
    readonly refunded: { readonly amount: number };
    readonly credited: { readonly amount: number };
  }[];
  readonly refunds: { readonly id: string; readonly status: string; readonly amount: { readonly amount: number }; readonly destination: string }[];
}

/** What a command on an order's money answers: a member of its union. */
export interface MoneyAnswer {
  readonly __typename: string;
  readonly order?: AdminOrder;
  readonly refund?: { readonly id: string; readonly status: string };
  readonly code?: string;
  readonly outcome?: string;
  readonly field?: string;
  readonly message?: string;
  readonly currentVersion?: number;
}

const ORDER = `id version status paymentStatus totals { total { amount } } lines { id quantity refundedQuantity }
  payments { id gateway status amount { amount } captured { amount } refunded { amount } credited { amount } }
  refunds { id status destination amount { amount } }`;
const REFUSED = '... on InputError { code field message } ... on VersionMismatch { code currentVersion }';
const PAYMENT = `__typename ... on OrderPaymentPayload { order { ${ORDER} } } ... on PaymentNotMade { outcome message order { ${ORDER} } } ${REFUSED}`;

const command = (name: string, input: string, answer: string): string => `mutation C($input: ${input}!) { answer: ${name}(input: $input) { ${answer} } }`;
const COMMANDS = {
  capture: command('orderCapture', 'OrderCaptureInput', PAYMENT),
  markPaid: command('orderMarkPaid', 'OrderMarkPaidInput', PAYMENT),
  void: command('orderVoid', 'OrderVoidInput', PAYMENT),
  refund: command('orderRefund', 'OrderRefundInput', `__typename ... on OrderRefundPayload { refund { id status } order { ${ORDER} } } ${REFUSED}`),
  retry: command('refundRetry', 'RefundRetryInput', '__typename ... on RefundRetryPayload { refund { id status } } ... on InputError { code field message }'),
  cancel: command('orderCancel', 'OrderCancelInput', `__typename ... on OrderCancelPayload { order { ${ORDER} } } ... on InputError { code field message }`),
} as const;

/** Gives an operator's command; `actor` is filled in. */
export async function give(store: TestStore, name: keyof typeof COMMANDS, input: Readonly<Record<string, unknown>>): Promise<MoneyAnswer> {
  const { answer } = await store.admin<{ answer: MoneyAnswer }>(COMMANDS[name], { input: { actor: 'operator', ...input } });
  return answer;
}

/** As `give`, again and again until the API and the worker answer: what a dashboard does after a broken connection. */
export async function giveUntilAnswered(store: TestStore, name: keyof typeof COMMANDS, input: Readonly<Record<string, unknown>>): Promise<MoneyAnswer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await give(store, name, input);
    } catch (error) {
      if (tries === 200) throw error;
      await delay(250);
    }
  }
}

/** The order as the admin API shows it. */
export async function readOrder(store: TestStore, id: string): Promise<AdminOrder> {
  const { order } = await store.admin<{ order: AdminOrder }>(`query O($id: ID) { order(id: $id) { ${ORDER} } }`, { id });
  return order;
}

/** A new order of one shopper. */
export async function placeOrder(store: TestStore, shopper: number, input: Parameters<TestStore['submit']>[1] = {}, lines?: Parameters<TestStore['readyCart']>[1]): Promise<AdminOrder> {
  const answer = await store.submit(await store.readyCart(shopper, lines), input);
  if (!answer.order) throw new Error(`No order: ${JSON.stringify(answer)}`);
  return readOrder(store, answer.order.id);
}

/** Waits until the refund has come to an end, and tells which. */
export async function refundEnded(store: TestStore, refundId: string, timeoutMs?: number): Promise<string> {
  return waitFor(
    async () => {
      const { refund } = await store.admin<{ refund: { status: string } }>('query R($id: ID!) { refund(id: $id) { status } }', { id: refundId });
      return refund.status !== 'PENDING' && refund.status;
    },
    { what: `refund ${refundId} to end`, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
  );
}

/** Waits until nothing of the store's money is on its way any more, and reads the order. */
export async function quiet(store: TestStore, orderId: string): Promise<AdminOrder> {
  await settled(store);
  return readOrder(store, orderId);
}
