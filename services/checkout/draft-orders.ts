import { validateAddress } from '../../domain/checkout/address.ts';
import type { Cart } from '../../domain/checkout/cart.ts';
import type { CartRecord } from '../../domain/checkout/cart-record.ts';
import type { CartFields } from '../../domain/checkout/cart-store.ts';
import type { CheckoutProcess } from '../../domain/checkout/checkout.ts';
import { isTerminalCheckoutStatus } from '../../domain/checkout/checkout-status.ts';
import { describeCart } from '../../domain/checkout/describe-cart.ts';
import {
  defaultExpiry,
  draftOrderTransitions,
  holdsTerms,
  latestExpiry,
  type DraftOrder,
  type DraftOrderStatus,
} from '../../domain/checkout/draft-order.ts';
import type { DraftOrderChanges, DraftOrderDesk } from '../../domain/checkout/draft-order-desk.ts';
import type { DraftOrderFields } from '../../domain/checkout/draft-order-store.ts';
import { normalizeLocale } from '../../domain/shared/locale.ts';
import { normalizeEmail } from '../../domain/shared/email.ts';
import { DomainError, invalid, notFound, VersionMismatchError } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores, Work } from '../stores.ts';
import { hashCartToken, newCartToken, type KeyedHash } from './cart-tokens.ts';
import { whyNotPlaced } from './complete-draft-order.ts';
import { draftAmount, draftLines } from './draft-lines.ts';

export interface DraftOrderDeps {
  readonly work: Work;
  readonly newId: IdGenerator;
  readonly now: () => Date;
  readonly keyedHash: KeyedHash;
  readonly checkoutProcess: Pick<CheckoutProcess, 'submit'>;
  /** Where a storefront is whose channel does not say it. */
  readonly publicUrl: string;
}

/** What the customer is to give is no reason not to send the invoice. */
const LEFT_TO_CUSTOMER: ReadonlySet<string> = new Set([
  'SHIPPING_ADDRESS_MISSING',
  'SHIPPING_METHOD_MISSING',
  'SHIPPING_METHOD_UNAVAILABLE',
  'INSUFFICIENT_STOCK',
]);

/** What the audit log keeps of a change: no address of a person. */
const auditDetail = ({
  lines,
  discount,
  shippingAmount,
  promotionCode,
  expiresAt,
  ...rest
}: DraftOrderChanges): Record<string, unknown> => ({
  changed: Object.keys(rest),
  ...(lines && { lines }),
  ...(discount !== undefined && { discount }),
  ...(shippingAmount !== undefined && { shippingAmount }),
  ...(promotionCode !== undefined && { promotionCode }),
  ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
});

const busy = (): DomainError => new DomainError('CONFLICT', 'The customer is paying: wait for the end of the checkout', 'id');

/** Builds what operators do with draft orders. */
export function createDraftOrderDesk(deps: DraftOrderDeps): DraftOrderDesk {
  const { work, newId, now, keyedHash, checkoutProcess, publicUrl } = deps;

  async function read(stores: Stores, id: string): Promise<DraftOrder> {
    const draft = await stores.draftOrders.get(id);
    if (!draft) throw notFound('The draft order', 'id');
    return draft;
  }

  async function load(stores: Stores, cartId: string): Promise<CartRecord> {
    const record = await stores.carts.load({ id: cartId }, null);
    if (!record) throw notFound('The cart', 'id');
    return record;
  }

  /** The draft with its cart locked, if it may become (or stay) so. */
  async function lock(
    stores: Stores,
    id: string,
    to: DraftOrderStatus | undefined,
    version: number | undefined,
  ): Promise<DraftOrder> {
    const { cartId } = await read(stores, id);
    const cart = await stores.carts.lock({ id: cartId });
    if (!cart) throw notFound('The cart', 'id');
    // Read again: what was seen before the lock may be outdated, and so may be what the lock's own statement saw beside the cart.
    const draft = await read(stores, id);
    if (draftOrderTransitions.isTerminal(draft.status))
      throw new DomainError('INVALID_TRANSITION', `The draft order is ${draft.status}`, 'id');
    if (to) draftOrderTransitions.assertTransition(draft.status, to);
    const checkout = await stores.checkouts.latest(cartId);
    if (checkout && !isTerminalCheckoutStatus(checkout.status)) throw busy();
    if (version !== undefined && version !== cart.version) throw new VersionMismatchError(cart.version);
    return draft;
  }

  async function promotionOf(stores: Stores, code: string | null): Promise<string | null> {
    if (code === null) return null;
    const promotion = await stores.carts.findPromotion(code.trim().toUpperCase());
    if (!promotion) throw notFound('The code', 'promotionCode');
    return promotion.id;
  }

  /** Of a customer with an account the address is known. */
  async function emailOf(
    stores: Stores,
    { email, customerId }: DraftOrderChanges,
    present: string | null,
  ): Promise<string | undefined> {
    const customer = customerId == null ? undefined : await stores.customers.get(customerId);
    if (customerId != null && !customer) throw notFound('The customer', 'customerId');
    if (email !== undefined) return normalizeEmail(email, 'email');
    return present === null ? customer?.email : undefined;
  }

  function assertExpiry(expiresAt: Date): void {
    if (expiresAt <= now() || expiresAt > latestExpiry(now()))
      throw invalid('expiresAt', `Must be between now and ${latestExpiry(now()).toISOString()}`);
  }

  /** A price of shipping is that of one method: with another one it is over. */
  function shippingOf(
    record: CartRecord,
    { shippingMethodId, shippingAmount }: DraftOrderChanges,
  ): Pick<DraftOrderFields, 'shipping'> {
    if (shippingMethodId !== undefined && !record.shippingMethods.some(({ id }) => id === shippingMethodId)) {
      throw notFound('The shipping method', 'shippingMethodId');
    }
    const methodId = shippingMethodId ?? record.shippingMethodId;
    if (shippingAmount === undefined)
      return record.draft?.shipping && record.draft.shipping.methodId !== methodId ? { shipping: null } : {};
    if (shippingAmount === null) return { shipping: null };
    if (methodId === null) throw invalid('shippingAmount', 'Choose the shipping method that costs so much');
    return { shipping: { methodId, amount: draftAmount(shippingAmount, 'shippingAmount', 0) } };
  }

  async function apply(stores: Stores, id: string, record: CartRecord, changes: DraftOrderChanges): Promise<void> {
    const { customerId, discount, note, expiresAt } = changes;
    const email = await emailOf(stores, changes, record.email);
    if (expiresAt) assertExpiry(expiresAt);
    if (discount) draftAmount(discount.amount, 'discount.amount', 1);
    await stores.draftOrders.update(id, {
      ...(customerId !== undefined && { customerId }),
      ...(discount !== undefined && { discount }),
      ...(note !== undefined && { note }),
      ...(expiresAt && { expiresAt }),
      ...shippingOf(record, changes),
    });
    if (changes.lines) {
      // Of a channel and to a customer as in the shop: the draft would else be refused when it is paid.
      const buyer = customerId === undefined ? (record.draft?.customerId ?? null) : customerId;
      const to = { channelId: record.channel.id, currency: record.currency, customerIds: buyer === null ? [] : [buyer] };
      await stores.draftOrders.setLines(record.id, await draftLines(stores, newId, changes.lines, to));
    }
    // Prices that no longer held are agreed upon anew.
    if (expiresAt && record.draft && !holdsTerms(record.draft, now())) await stores.draftOrders.requote(record.id);
    const fields: CartFields = {
      ...(email !== undefined && { email }),
      ...(changes.locale !== undefined && { locale: normalizeLocale(changes.locale, 'locale') }),
      ...(changes.shippingAddress && { shippingAddress: validateAddress(changes.shippingAddress, 'shippingAddress') }),
      ...(changes.billingAddress && { billingAddress: validateAddress(changes.billingAddress, 'billingAddress') }),
      ...(changes.shippingMethodId !== undefined && { shippingMethodId: changes.shippingMethodId }),
      ...(changes.promotionCode !== undefined && { promotionId: await promotionOf(stores, changes.promotionCode) }),
    };
    await stores.carts.update(record.id, fields);
  }

  /** What is to be in the mail. Raises INVALID_INPUT for what only the operator can mend. */
  function assertReady(cart: Cart): { email: string; amount: number } {
    const problem = cart.problems.find(({ code }) => !LEFT_TO_CUSTOMER.has(code));
    if (problem?.code === 'INVOICE_EXPIRED')
      throw new DomainError('INVALID_TRANSITION', 'The prices no longer hold: give the draft a new expiresAt', 'id');
    if (problem) throw invalid(problem.field, problem.message);
    if (cart.email === null) throw invalid('email', 'An e-mail address is needed');
    return { email: cart.email, amount: cart.totals.total };
  }

  async function linkOf(stores: Stores, channelId: string, token: string): Promise<string> {
    const base = (await stores.draftOrders.storefrontUrl(channelId)) ?? publicUrl;
    return `${base.replace(/\/+$/, '')}/invoice/${token}`;
  }

  return {
    async create(channel, { currency = channel.defaultCurrency, actor, ...changes }) {
      if (!channel.currencies.includes(currency))
        throw invalid('currency', `The channel sells in ${channel.currencies.join(', ')}`);
      const id = newId('draftOrder');
      const cartId = newId('cart');
      return work.transaction(async (stores) => {
        // Nobody is told this token: the first link comes with the first invoice.
        await stores.carts.insert({
          id: cartId,
          tokenHash: hashCartToken(newCartToken()),
          channelId: channel.id,
          currency,
          email: null,
          draft: true,
        });
        await stores.draftOrders.insert({
          id,
          cartId,
          customerId: null,
          note: null,
          expiresAt: defaultExpiry(now()),
          createdBy: actor,
        });
        await apply(stores, id, await load(stores, cartId), changes);
        await stores.audit.append({
          actor,
          action: 'draft_order.create',
          subjectId: id,
          detail: { currency, ...auditDetail(changes) },
        });
        return read(stores, id);
      });
    },

    get: (id) => work.stores.draftOrders.get(id),
    list: (page, filter) => work.stores.draftOrders.list(page, filter),
    cart: async ({ cartId }) => describeCart(await load(work.stores, cartId), now()),

    update: (id, changes, { actor, version }) =>
      work.transaction(async (stores) => {
        const { cartId } = await lock(stores, id, undefined, version);
        await apply(stores, id, await load(stores, cartId), changes);
        await stores.audit.append({ actor, action: 'draft_order.update', subjectId: id, detail: auditDetail(changes) });
        return read(stores, id);
      }),

    invoice: (id, { actor, version }) =>
      work.transaction(async (stores) => {
        const draft = await lock(stores, id, 'invoiced', version);
        const { cartId, channelId, expiresAt } = draft;
        const cart = describeCart(await load(stores, cartId), now());
        const { email, amount } = assertReady(cart);
        const token = newCartToken();
        await stores.draftOrders.noteInvoice(id, hashCartToken(token));
        await stores.audit.append({
          actor,
          action: 'draft_order.invoice',
          subjectId: id,
          detail: { amount, currency: cart.currency },
        });
        await stores.outbox.append({
          id: newId('event'),
          type: 'order.invoice_sent',
          aggregateId: id,
          payload: {
            ...{ draftOrderId: id, channelId, email, amount, currency: cart.currency, expiresAt: expiresAt.toISOString() },
            url: await linkOf(stores, channelId, token),
            ...(cart.shippingAddress && { firstName: cart.shippingAddress.firstName }),
            ...(cart.locale !== null && { locale: cart.locale }),
          },
        });
        return read(stores, id);
      }),

    cancel: (id, { actor, version, reason }) =>
      work.transaction(async (stores) => {
        const { cartId } = await read(stores, id);
        await stores.carts.lock({ id: cartId });
        const seen = await read(stores, id);
        if (seen.status === 'canceled') return seen;
        await lock(stores, id, 'canceled', version);
        await stores.draftOrders.cancel(id, reason);
        await stores.audit.append({ actor, action: 'draft_order.cancel', subjectId: id, detail: { reason } });
        return read(stores, id);
      }),

    async complete(id, { actor, version, payment, requestId }) {
      const draft = await read(work.stores, id);
      if (draft.status === 'completed') return draft;
      draftOrderTransitions.assertTransition(draft.status, 'completed');
      // Another operator's checkout is joined; one that waits for the customer or for a review would be ended by another payment.
      const latest = await work.stores.checkouts.latest(draft.cartId);
      if (latest?.status === 'action_required' || latest?.status === 'in_review') throw busy();
      const answer = await checkoutProcess.submit(
        {
          checkoutId: newId('checkout'),
          cartId: draft.cartId,
          gateway: 'manual',
          paymentMethod: payment,
          operator: actor,
          // The operators' network is nobody's who buys: their orders are not counted together.
          networkKey: keyedHash('network', id),
          ...(version !== undefined && { cartVersion: version }),
        },
        requestId,
      );
      const refused = whyNotPlaced(answer);
      if (refused) throw refused;
      return read(work.stores, id);
    },
  };
}
