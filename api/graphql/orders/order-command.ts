import type { OrderCommand, OrderCommandAnswer } from '../../../domain/orders/order-command.ts';
import type { Order } from '../../../domain/orders/order.ts';
import { notFound } from '../../../domain/shared/errors.ts';
import type { RequestContext } from '../context.ts';

/** The order, which must exist: an unknown id must not wake an actor. Raises NOT_FOUND. */
export async function orderOf(orderId: string, { orders }: Pick<RequestContext, 'orders'>): Promise<Order> {
  const order = await orders.get(orderId);
  if (!order) throw notFound('The order', 'orderId');
  return order;
}

type WithoutId<Command> = Command extends OrderCommand ? Omit<Command, 'commandId'> : never;

/** The id of a command: the same for each repetition of a request with an `Idempotency-Key`. */
export const commandIdOf = ({ requestKey, newId }: Pick<RequestContext, 'newId' | 'requestKey'>, path: string | number): string =>
  requestKey ? `${requestKey.commandId}/${path}` : newId('orderCommand');

/** Gives a command to the order's actor. A request with an `Idempotency-Key` is the same command each time. */
export async function command(
  orderId: string,
  asked: WithoutId<OrderCommand>,
  context: Pick<RequestContext, 'orders' | 'orderProcess' | 'newId' | 'requestKey'>,
  path: string | number,
): Promise<OrderCommandAnswer> {
  await orderOf(orderId, context);
  return context.orderProcess.command(orderId, { ...asked, commandId: commandIdOf(context, path) });
}
