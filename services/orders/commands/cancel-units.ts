import type { SetQuantity } from '../../../domain/orders/edits/edit-change.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import { carryOutEdit } from '../edits/carry-out-edit.ts';
import type { CommandHandler } from './command-handler.ts';

/** Takes units out of the order: an edit that is committed as it is made. */
export const cancelUnits: CommandHandler<'cancel_units'> = async (context, { lines, reason, actor }) => {
  const { stores, order, newId } = context;
  const whole = await stores.orders.get(order.id);
  if (!whole) throw notFound('The order', 'orderId');
  if (lines.length === 0) throw invalid('lines', 'Give at least one line');
  const changes = lines.map(({ orderLineId, quantity }, index): SetQuantity => {
    const line = whole.lines.find(({ id }) => id === orderLineId);
    if (!line) throw invalid(`lines.${index}.orderLineId`, 'The order has no such line');
    if (lines.findIndex((other) => other.orderLineId === orderLineId) !== index) throw invalid(`lines.${index}.orderLineId`, 'The line is named twice');
    if (!Number.isSafeInteger(quantity) || quantity < 1) throw invalid(`lines.${index}.quantity`, 'Must be 1 or more');
    const open = line.quantity - line.fulfillmentQuantity;
    if (quantity > open) throw new DomainError('INVALID_TRANSITION', `Only ${open} of the line can still be taken out`, `lines.${index}.quantity`);
    return { kind: 'set_quantity', orderLineId, quantity: line.quantity - quantity };
  });
  const editId = newId('orderEdit');
  await stores.orderEdits.record({ id: editId, orderId: order.id, baseVersion: order.version, createdBy: actor, note: reason, changes });
  const outcome = await carryOutEdit(context, changes, { editId, actor, reason });
  return {
    ids: [editId, ...(outcome.refundId === undefined ? [] : [outcome.refundId])],
    children: outcome.children,
    change: outcome.change,
    detail: { editId, reason, lines, difference: outcome.edited.difference, ...(outcome.refundId === undefined ? {} : { refundId: outcome.refundId }) },
  };
};
