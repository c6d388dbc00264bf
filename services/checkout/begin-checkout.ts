import type { Address } from '../../domain/checkout/address.ts';
import type { Cart } from '../../domain/checkout/cart.ts';
import type { CartRecord } from '../../domain/checkout/cart-record.ts';
import { isTerminalCheckoutStatus } from '../../domain/checkout/checkout-status.ts';
import type { BuyerKeys, CheckoutRecord, CheckoutSnapshot, NewCheckout } from '../../domain/checkout/checkout-store.ts';
import { allocateCart, describeCart, shortLines } from '../../domain/checkout/describe-cart.ts';
import { effectiveDecision } from '../../domain/checkout/fraud/assess-fraud.ts';
import type { CheckoutStanding } from '../../domain/checkout/standing.ts';
import type { CheckoutAnswer, CheckoutSubmission } from '../../domain/checkout/submission.ts';
import { STORED_VALUE_KINDS } from '../../domain/payments/stored-value.ts';
import { notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { holdStoredValueOf } from '../payments/checkout-stored-value.ts';
import { authorizeKey } from '../payments/record-payment.ts';
import type { Stores, Work } from '../stores.ts';
import { assessCheckout } from './assess-checkout.ts';
import type { KeyedHash } from './cart-tokens.ts';
import { refusedByStore } from './end-checkout.ts';
import { holdForReview } from './hold-for-review.ts';
import { placeOrder } from './place-order.ts';
import { standingOf } from './standing-of.ts';

export interface BeginCheckoutDeps {
  readonly work: Work;
  readonly newId: IdGenerator;
  readonly now: () => Date;
  readonly keyedHash: KeyedHash;
}

/** How often a lost race for stock is tried again; each loss means that somebody else won, so it ends. */
const HOLD_TRIES = 10;

/** A gift card or store credit was used elsewhere between our look and our hold. */
const balanceChanged: CheckoutAnswer = {
  kind: 'invalid',
  problems: [{ code: 'STORED_VALUE_CHANGED', field: 'storedValue', message: 'The balance of a gift card or store credit has just changed' }],
};

const methodMissing: CheckoutAnswer = {
  kind: 'invalid',
  problems: [{ code: 'PAYMENT_METHOD_MISSING', field: 'paymentMethod', message: 'Something is left to pay: give a payment method' }],
};

/** Undoes the transaction and answers instead: nothing of the try is kept. */
class Refused extends Error {
  readonly answer: CheckoutAnswer;

  constructor(answer: CheckoutAnswer) {
    super(answer.kind);
    this.answer = answer;
  }
}

/** Another checkout took the stock between our look and our hold. */
class LostRaceForStock extends Error {}

/** What the cart as it stands is answered with when it cannot be checked out; undefined when it can. */
function refusal(cart: Cart, record: CartRecord, submission: CheckoutSubmission): CheckoutAnswer | undefined {
  const { currency } = cart;
  // A payment method there would be somebody's account, used without its code or its owner.
  if (STORED_VALUE_KINDS.some((kind) => kind === submission.gateway)) {
    const message = 'Apply gift cards and store credit to the cart';
    return { kind: 'invalid', problems: [{ code: 'PAYMENT_GATEWAY_NOT_OFFERED', field: 'gateway', message }] };
  }
  // What the channel takes is for shoppers.
  const offered = submission.operator === undefined ? record.channel.paymentGateways : [];
  if (offered.length > 0 && !offered.includes(submission.gateway)) {
    const message = `The channel takes payments through ${offered.join(', ')}`;
    return { kind: 'invalid', problems: [{ code: 'PAYMENT_GATEWAY_NOT_OFFERED', field: 'gateway', message }] };
  }
  if (submission.cartVersion !== undefined && submission.cartVersion !== cart.version) {
    return { kind: 'version_mismatch', currentVersion: cart.version };
  }
  const blocking = cart.problems.filter((problem) => problem.code !== 'PRICE_CHANGED' && problem.code !== 'INSUFFICIENT_STOCK');
  if (blocking.length > 0) return { kind: 'invalid', problems: blocking };
  const { expectedTotal } = submission;
  if (expectedTotal && expectedTotal.currency !== currency) {
    return { kind: 'invalid', problems: [{ code: 'PRICE_CHANGED', field: 'expectedTotal.currency', message: `The cart is in ${currency}` }] };
  }
  const total = { amount: cart.totals.total, currency };
  const lines = cart.lines.flatMap((line) =>
    line.unitAmount === null || line.unitAmount === line.quotedAmount
      ? []
      : [{ lineId: line.id, was: { amount: line.quotedAmount, currency }, now: { amount: line.unitAmount, currency } }],
  );
  if (expectedTotal ? expectedTotal.amount !== total.amount : lines.length > 0) {
    return { kind: 'price_changed', ...(expectedTotal ? { expectedTotal } : {}), total, lines };
  }
  if (submission.expectedAmountDue !== undefined && cart.amountDue > submission.expectedAmountDue) return balanceChanged;
  const short = shortLines(record);
  if (short.length > 0) {
    return {
      kind: 'out_of_stock',
      lines: short.map(({ line, available }) => ({ lineId: line.id, variantId: line.variantId, requested: line.quantity, available })),
    };
  }
  return undefined;
}

function freeze(cart: Cart, record: CartRecord): CheckoutSnapshot {
  const { email, shippingAddress, shippingMethod } = cart;
  if (email === null || shippingAddress === null || shippingMethod === null) throw new Error(`Cart ${cart.id} passed its checks incomplete`);
  return {
    email,
    locale: cart.locale,
    shippingAddress,
    billingAddress: cart.billingAddress ?? shippingAddress,
    shippingMethod,
    promotionCode: cart.promotionCode,
    totals: cart.totals,
    channel: record.channel,
    lines: cart.lines.map((line) => ({
      lineId: line.id,
      variantId: line.variantId,
      sku: line.sku,
      productTitle: line.productTitle,
      variantTitle: line.variantTitle,
      quantity: line.quantity,
      unitAmount: line.unitAmount ?? line.quotedAmount,
      inventory: (record.lines.find(({ id }) => id === line.id)?.inventory ?? []).map(({ inventoryItemId, quantity }) => ({ inventoryItemId, quantity })),
    })),
  };
}

const addressText = (address: Address): string =>
  [address.line1, address.line2 ?? '', address.postalCode, address.city, address.countryCode].join('|').toLowerCase();

/**
 * Validates the cart and freezes it into a checkout with its holds and its payment operation, all in one transaction.
 * Repeating it with the same `checkoutId` changes nothing and tells where that checkout stands.
 */
export function createBeginCheckout(deps: BeginCheckoutDeps): (submission: CheckoutSubmission) => Promise<CheckoutStanding> {
  const { work, newId, now, keyedHash } = deps;

  async function start(stores: Stores, record: CartRecord, submission: CheckoutSubmission, attempt: number): Promise<CheckoutStanding> {
    const cart = describeCart(record, now());
    const refused = refusal(cart, record, submission);
    if (refused) throw new Refused(refused);
    const snapshot = freeze(cart, record);
    const keys: BuyerKeys = {
      email: keyedHash('email', snapshot.email.toLowerCase()),
      address: keyedHash('address', addressText(snapshot.shippingAddress)),
      network: submission.networkKey,
    };
    const assessed = await assessCheckout(stores, { id: submission.checkoutId, channelId: cart.channelId, currency: cart.currency, keys, snapshot });
    const fraud = submission.operator === undefined ? assessed : { ...assessed, overruled: true as const };
    const decision = effectiveDecision(fraud);
    const checkout: NewCheckout = {
      id: submission.checkoutId,
      cartId: cart.id,
      channelId: cart.channelId,
      attempt,
      orderId: newId('order'),
      status: decision === 'reject' ? 'rejected' : 'processing',
      currency: cart.currency,
      total: cart.totals.total,
      snapshot,
      gateway: submission.gateway,
      paymentMethod: submission.paymentMethod,
      customerId: submission.customerId ?? record.draft?.customerId ?? null,
      customerRef: submission.customerRef ?? null,
      saveMethod: submission.saveMethod ?? false,
      promotionId: record.promotion?.id ?? null,
      keys,
      fraud,
      holdSeconds: record.channel.holdSeconds,
      answer: decision === 'reject' ? refusedByStore(submission.checkoutId) : null,
    };
    await stores.checkouts.insert(checkout);
    if (submission.operator !== undefined) {
      const detail = { checkoutId: checkout.id, orderId: checkout.orderId, paymentMethod: checkout.paymentMethod };
      await stores.audit.append({ actor: submission.operator, action: 'draft_order.complete', subjectId: record.draft?.id ?? cart.id, detail });
    }
    if (decision === 'reject') return { step: 'done', answer: refusedByStore(checkout.id) };

    if (checkout.promotionId !== null && !(await stores.carts.claimPromotion(checkout.promotionId))) {
      throw new Refused({
        kind: 'invalid',
        problems: [{ code: 'PROMOTION_NOT_APPLICABLE', field: 'promotionCode', message: 'The code has just been used up' }],
      });
    }
    const held = await holdStoredValueOf(stores, newId, checkout, cart.storedValue);
    if (held === undefined) throw new Refused(balanceChanged);
    const due = checkout.total - held;
    if (due > 0) {
      if (checkout.paymentMethod === '') throw new Refused(methodMissing);
      const paymentId = newId('payment');
      await stores.payments.insert({
        id: paymentId,
        checkoutId: checkout.id,
        orderId: checkout.orderId,
        position: 1,
        gateway: checkout.gateway,
        storedValueAccountId: null,
        // What may have to be looked at first is only authorized: a refund costs the store more than a void.
        captureMethod: record.channel.captureMode === 'automatic' && decision === 'accept' ? 'automatic' : 'manual',
        currency: checkout.currency,
        amount: due,
        methodToken: checkout.paymentMethod,
        customerRef: checkout.customerRef,
      });
      await stores.payments.openOperation({ key: authorizeKey({ id: paymentId, orderId: checkout.orderId, position: 1 }), paymentId, kind: 'authorize', amount: due });
    }
    // Last, so that the rows of popular stock are locked for no longer than they must be.
    const allocation = allocateCart(record);
    if (!allocation.ok || !(await stores.inventory.hold(checkout.id, allocation.takes, allocation.waits))) throw new LostRaceForStock();
    if (due > 0) return { step: 'pay', checkoutId: checkout.id, mayHaveBeenSent: false };
    if (decision === 'review' && held > 0) return holdForReview(stores, newId, checkout, now(), { fraud: checkout.fraud });
    return placeOrder(stores, newId, await stored(stores, checkout.id));
  }

  async function stored(stores: Stores, checkoutId: string): Promise<CheckoutRecord> {
    const checkout = await stores.checkouts.lock(checkoutId);
    if (!checkout) throw notFound('The checkout', 'checkoutId');
    return checkout;
  }

  async function attempt(submission: CheckoutSubmission): Promise<CheckoutStanding> {
    return work.transaction(async (stores) => {
      if (!(await stores.carts.lock({ id: submission.cartId }))) throw notFound('The cart', 'cartToken');
      const latest = await stores.checkouts.latest(submission.cartId);
      // Our own earlier try, an order, or a checkout whose process was cut off: go on with that one.
      if (latest && (latest.id === submission.checkoutId || latest.status === 'placed' || !isTerminalCheckoutStatus(latest.status))) {
        return standingOf(latest, await stores.payments.ofCheckout(latest.id), now());
      }
      const record = await stores.carts.load({ id: submission.cartId }, submission.customerId ?? null);
      if (!record) throw notFound('The cart', 'cartToken');
      return start(stores, record, submission, (latest?.attempt ?? 0) + 1);
    });
  }

  return async (submission) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt(submission);
      } catch (error) {
        if (error instanceof Refused) return { step: 'done', answer: error.answer };
        if (!(error instanceof LostRaceForStock) || tries === HOLD_TRIES) throw error;
      }
    }
  };
}
