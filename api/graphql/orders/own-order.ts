import type { Order } from '../../../domain/orders/order.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import type { RequestContext } from '../context.ts';

/** The order that a shopper may act upon: by the secret of its cart, or as the customer whose it is. Raises INVALID_INPUT, NOT_FOUND. */
export async function ownOrder(
  { cartToken, orderId }: { readonly cartToken?: string | null; readonly orderId?: string | null },
  { orders, customer }: Pick<RequestContext, 'orders' | 'customer'>,
): Promise<Order> {
  if ((cartToken == null) === (orderId == null)) throw invalid('cartToken', 'Give either cartToken or orderId');
  if (cartToken != null) {
    const order = await orders.findByCartToken(cartToken);
    if (!order) throw notFound('The order', 'cartToken');
    return order;
  }
  const { id } = await customer();
  const order = await orders.get(orderId ?? '');
  // Somebody else's is not told from one that does not exist.
  if (order?.customerId !== id) throw notFound('The order', 'orderId');
  return order;
}
