import {
  AuthorizationStatus,
  CaptureStatus,
  CheckoutPaymentIntent,
  OrderStatus,
  RefundStatus,
  type AuthorizationWithAdditionalData,
  type LinkDescription,
  type Money,
  type Order,
  type OrdersCapture,
  type PaypalWalletResponse,
  type Refund,
} from '@paypal/paypal-server-sdk';
import {
  GatewayError,
  type CustomerAction,
  type GatewayCapture,
  type GatewayPayment,
  type GatewayPaymentState,
  type GatewayRefund,
} from '../../domain/payments/gateway.ts';
import type { PaymentMethodDetails, SavedMethodToken } from '../../domain/payments/vault.ts';
import { toMinorUnits } from './amounts.ts';
import { toStoredDecline } from './declines.ts';
import { fromCustomId } from './payment-reference.ts';

/** What all of PayPal's answers about an order have in common. */
export type PaypalOrder = Pick<Order, 'id' | 'intent' | 'status' | 'purchaseUnits' | 'links'> & {
  readonly paymentSource?: { readonly paypal?: PaypalWalletResponse };
};

/** The last part of the address that a link leads to: the id of a capture, an authorization or an order. */
export function linkedId(links: readonly LinkDescription[] | undefined, rel: string): string | undefined {
  const href = links?.find((link) => link.rel === rel)?.href;
  return href === undefined ? undefined : new URL(href).pathname.split('/').at(-1);
}

/** Where the customer approves: new orders call the link `payer-action`, setups of the vault `approve`. */
export function toAction(links: readonly LinkDescription[] | undefined): CustomerAction {
  const url = links?.find(({ rel }) => rel === 'payer-action' || rel === 'approve')?.href;
  return url === undefined ? {} : { url };
}

const amountOf = (money: Money | undefined): number => (money ? toMinorUnits(money) : 0);

/** Money that was taken; what was refunded of it since does not change that. */
const TAKEN: ReadonlySet<string | undefined> = new Set([
  CaptureStatus.Completed,
  CaptureStatus.PartiallyRefunded,
  CaptureStatus.Refunded,
]);
const REFUSED: ReadonlySet<string | undefined> = new Set([CaptureStatus.Declined, CaptureStatus.Failed]);
const UNDONE: ReadonlySet<string | undefined> = new Set([RefundStatus.Failed, RefundStatus.Cancelled]);
const OPEN: ReadonlySet<string | undefined> = new Set([AuthorizationStatus.Created, AuthorizationStatus.PartiallyCaptured]);

const paymentsOf = (
  order: PaypalOrder,
): { authorizations: AuthorizationWithAdditionalData[]; captures: OrdersCapture[]; refunds: Refund[] } => {
  const { authorizations = [], captures = [], refunds = [] } = order.purchaseUnits?.[0]?.payments ?? {};
  return { authorizations, captures, refunds };
};

/** The order's authorizations that can still be captured, the newest first: a renewal stands beside the one that it renews. */
export const openAuthorizations = (order: PaypalOrder): AuthorizationWithAdditionalData[] =>
  paymentsOf(order)
    .authorizations.filter(({ status }) => OPEN.has(status))
    .toSorted((a, b) => Date.parse(b.createTime ?? '') - Date.parse(a.createTime ?? ''));

/** All refunds of the order. */
export const refundsOf = (order: PaypalOrder): Refund[] => paymentsOf(order).refunds;

/** What can still be taken of an authorization: its amount without the captures that were made of it. */
function leftOf(authorization: AuthorizationWithAdditionalData, captures: readonly OrdersCapture[]): number {
  const taken = captures
    .filter(({ status, links }) => !REFUSED.has(status) && linkedId(links, 'up') === authorization.id)
    .reduce((sum, { amount }) => sum + amountOf(amount), 0);
  return Math.max(0, amountOf(authorization.amount) - taken);
}

function toCaptures(order: PaypalOrder): GatewayCapture[] {
  const { captures, refunds } = paymentsOf(order);
  return captures
    .filter(({ status }) => TAKEN.has(status))
    .map(({ id = '', amount }) => {
      const made = refunds.filter(({ status, links }) => !UNDONE.has(status) && linkedId(links, 'up') === id);
      return { ref: id, amount: amountOf(amount), refunded: made.reduce((sum, refund) => sum + amountOf(refund.amount), 0) };
    });
}

function toState(order: PaypalOrder, sums: { captured: number; capturable: number }): GatewayPaymentState {
  const { authorizations, captures } = paymentsOf(order);
  if (sums.capturable > 0) return 'authorized';
  if (captures.some(({ status }) => status === CaptureStatus.Pending)) return 'processing';
  if (sums.captured > 0) return 'captured';
  if (authorizations.some(({ status }) => status === AuthorizationStatus.Pending)) return 'processing';
  const last = order.intent === CheckoutPaymentIntent.Authorize ? authorizations.at(-1) : captures.at(-1);
  if (last) return last.status === AuthorizationStatus.Denied || REFUSED.has(last.status) ? 'failed' : 'canceled';
  switch (order.status) {
    case OrderStatus.Approved:
      return 'approved';
    case OrderStatus.Voided:
      return 'canceled';
    case OrderStatus.Completed:
      return 'processing';
    default:
      // An order that no customer has to approve is paid with a saved method in the next call; that one was declined.
      return toAction(order.links).url === undefined && order.status === OrderStatus.Created ? 'failed' : 'requires_action';
  }
}

/** What may be shown of a customer's PayPal account: never their address or name. */
const toMethod = (wallet: PaypalWalletResponse | undefined): PaymentMethodDetails => ({
  kind: 'paypal',
  ...(wallet?.accountId ? { fingerprint: wallet.accountId } : {}),
  ...(wallet?.address?.countryCode ? { country: wallet.address.countryCode } : {}),
});

function toSavedMethod(wallet: PaypalWalletResponse | undefined): SavedMethodToken | undefined {
  const vault = wallet?.attributes?.vault;
  const customerRef = vault?.customer?.merchantCustomerId ?? vault?.customer?.id;
  return vault?.id && customerRef ? { token: vault.id, customerRef, details: toMethod(wallet) } : undefined;
}

/** Reads an order in its full representation. */
export function toPayment(order: PaypalOrder): GatewayPayment {
  const [unit] = order.purchaseUnits ?? [];
  if (!order.id || !unit?.amount) throw new GatewayError('ambiguous', 'PayPal’s answer is no order');
  const wallet = order.paymentSource?.paypal;
  const captures = toCaptures(order);
  const captured = captures.reduce((sum, { amount }) => sum + amount, 0);
  const [open] = openAuthorizations(order);
  const pendingCapture = paymentsOf(order)
    .captures.filter(({ status }) => status === CaptureStatus.Pending)
    .reduce((sum, { amount }) => sum + amountOf(amount), 0);
  const capturable = open ? leftOf(open, paymentsOf(order).captures) : 0;
  const state = toState(order, { captured, capturable });
  const savedMethod = toSavedMethod(wallet);
  const reference = fromCustomId(unit.customId);
  const refused = paymentsOf(order).captures.findLast(({ status }) => REFUSED.has(status));
  return {
    gatewayRef: order.id,
    state,
    amount: toMinorUnits(unit.amount),
    currency: unit.amount.currencyCode,
    capturable,
    captured,
    ...(pendingCapture > 0 ? { pendingCapture } : {}),
    refunded: captures.reduce((sum, { refunded }) => sum + refunded, 0),
    captures,
    ...(capturable > 0 && open?.expirationTime ? { capturableUntil: new Date(open.expirationTime) } : {}),
    ...(state === 'requires_action' ? { action: toAction(order.links) } : {}),
    ...(state === 'failed' ? { decline: toStoredDecline(refused) } : {}),
    method: toMethod(wallet),
    ...(savedMethod ? { savedMethod } : {}),
    ...(reference ? { reference } : {}),
  };
}

/** The payment as it stands when nothing more will come of it. */
export function ended(payment: GatewayPayment): GatewayPayment {
  const { action: _action, decline: _decline, capturableUntil: _until, ...rest } = payment;
  return { ...rest, capturable: 0, state: payment.captured > 0 ? 'captured' : 'canceled' };
}

/** What PayPal's statuses of refunds are; others are pending. */
export const REFUND_STATES: Readonly<Record<string, GatewayRefund['state']>> = {
  [RefundStatus.Completed]: 'succeeded',
  [RefundStatus.Failed]: 'failed',
  [RefundStatus.Cancelled]: 'failed',
};

/** Reads a refund; what is neither done nor failed is pending. */
export function toRefund({ id, status, amount, statusDetails }: Refund): GatewayRefund {
  if (!id || !amount) throw new GatewayError('ambiguous', 'PayPal’s answer is no refund');
  const state = REFUND_STATES[status ?? ''] ?? 'pending';
  const failureReason = state === 'failed' ? (statusDetails?.reason ?? status)?.toLowerCase() : undefined;
  return { gatewayRef: id, state, amount: toMinorUnits(amount), ...(failureReason ? { failureReason } : {}) };
}
