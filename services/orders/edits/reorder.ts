import { MAX_LINES, MAX_QUANTITY } from '../../../domain/checkout/cart-rules.ts';
import type { CartService } from '../../../domain/checkout/cart-service.ts';
import type { Cart } from '../../../domain/checkout/cart.ts';
import type { Order, OrderLine } from '../../../domain/orders/order.ts';
import { DomainError } from '../../../domain/shared/errors.ts';
import type { Work } from '../../stores.ts';

/** A line that the new cart could not take over, and why. */
export interface LeftOutLine extends Pick<OrderLine, 'sku' | 'productTitle' | 'quantity'> {
  readonly reason: string;
}

export interface Reordered {
  readonly cart: Cart;
  readonly token: string;
  readonly leftOut: readonly LeftOutLine[];
}

/** For whom the cart is made. */
export interface ReorderedFor {
  /** What is for customer groups only is taken over for their members. */
  readonly customerId?: string | undefined;
  /** The operator who makes it. */
  readonly actor?: string;
}

/**
 * Makes a new cart of an order's lines, at present prices, in the order's channel. Raises INVALID_TRANSITION when nothing of it is sold
 * there any more.
 */
export type Reorder = (order: Order, forWhom: ReorderedFor) => Promise<Reordered>;

/** Builds reordering over carts and stores. */
export function createReorder(deps: { work: Work; carts: CartService }): Reorder {
  const { work, carts } = deps;

  return async (order, { customerId, actor }) => {
    const channel = await work.stores.channels.get(order.channelId);
    if (!channel) throw new Error(`The order ${order.id} is of no channel`);
    const wanted = order.lines.filter(({ quantity }) => quantity > 0);
    const buyer = { channelId: channel.id, currency: order.currency, customerIds: customerId === undefined ? [] : [customerId] };
    const found = await work.stores.carts.sellableVariants([...new Set(wanted.map(({ variantId }) => variantId))], buyer);
    const sellable = new Map(found.map((variant) => [variant.id, variant.unitAmount]));
    const lines = new Map<string, number>();
    const leftOut: LeftOutLine[] = [];
    for (const { variantId, quantity, sku, productTitle } of wanted) {
      const leave = (left: number, reason: string): void => void leftOut.push({ sku, productTitle, quantity: left, reason });
      const price = sellable.get(variantId);
      if (price === undefined) leave(quantity, 'It is no longer sold');
      else if (price === null) leave(quantity, `It is not sold in ${order.currency}`);
      else if (!lines.has(variantId) && lines.size === MAX_LINES) leave(quantity, `At most ${MAX_LINES} lines fit in a cart`);
      else {
        const before = lines.get(variantId) ?? 0;
        const taken = Math.min(quantity, MAX_QUANTITY - before);
        lines.set(variantId, before + taken);
        if (taken < quantity) leave(quantity - taken, `At most ${MAX_QUANTITY} of a variant fit in a cart`);
      }
    }
    if (lines.size === 0) throw new DomainError('INVALID_TRANSITION', 'Nothing of the order is sold any more', 'orderId');
    const { currency, email, shippingAddress, billingAddress } = order;
    const who = customerId === undefined ? {} : { customerId };
    const made = await carts.create(channel, { currency, email, lines: [...lines].map(([variantId, quantity]) => ({ variantId, quantity })), ...who });
    const cart = await carts.update({ token: made.token, ...who }, { shippingAddress, billingAddress });
    if (actor !== undefined) {
      await work.transaction((stores) => stores.audit.append({ actor, action: 'order.reorder', subjectId: order.id, detail: { cartId: cart.id } }));
    }
    return { cart, token: made.token, leftOut };
  };
}
