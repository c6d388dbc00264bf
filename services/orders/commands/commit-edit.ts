import { DomainError, notFound, VersionMismatchError } from '../../../domain/shared/errors.ts';
import { carryOutEdit } from '../edits/carry-out-edit.ts';
import type { CommandHandler } from './command-handler.ts';

/** Makes the order what the edit says. Nothing has been allocated or charged before. */
export const commitEdit: CommandHandler<'commit_edit'> = async (context, command) => {
  const { stores, order } = context;
  const { editId, actor, expectedDifference, waive = false, savedMethodId } = command;
  const edit = await stores.orderEdits.lock(editId);
  if (!edit || edit.orderId !== order.id) throw notFound('The edit', 'editId');
  if (edit.status !== 'open') throw new DomainError('INVALID_TRANSITION', `The edit is ${edit.status}`, 'editId');
  if (edit.baseVersion !== order.version) throw new VersionMismatchError(order.version);
  // Without changes: an unpaid balance is forgiven, or asked for anew.
  if (edit.changes.length === 0 && !(await stores.collections.unpaidOfOrder(order.id))) throw new DomainError('INVALID_TRANSITION', 'The edit changes nothing', 'editId');
  const reason = edit.note ?? 'The order was changed';
  const outcome = await carryOutEdit(context, edit.changes, { editId, actor, reason, waive, ...(savedMethodId === undefined ? {} : { savedMethodId }) });
  const { difference } = outcome.edited;
  if (expectedDifference !== undefined && expectedDifference !== difference) {
    throw new DomainError('CONFLICT', `The prices have changed: the difference is now ${difference}`, 'expectedDifference');
  }
  const discounts = edit.changes.flatMap((change) => (change.kind === 'add_discount' ? [change.reason] : []));
  return {
    ids: [editId, ...(outcome.refundId === undefined ? [] : [outcome.refundId]), ...(outcome.collectionId === undefined ? [] : [outcome.collectionId])],
    children: outcome.children,
    change: outcome.change,
    detail: {
      editId,
      difference,
      changes: edit.changes.map(({ kind }) => kind),
      ...(discounts.length > 0 ? { discounts } : {}),
      ...(outcome.waived > 0 ? { waived: outcome.waived } : {}),
      ...(outcome.refundId === undefined ? {} : { refundId: outcome.refundId }),
      ...(outcome.collectionId === undefined ? {} : { collectionId: outcome.collectionId }),
    },
  };
};
