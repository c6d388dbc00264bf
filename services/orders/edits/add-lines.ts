import type { ChildProcess } from '../../../domain/orders/order-command.ts';
import type { OrderChange } from '../../../domain/orders/order-store.ts';
import type { AddLine } from '../../../domain/orders/edits/edit-change.ts';
import type { CommandContext } from '../commands/command-handler.ts';
import { carryOutEdit } from './carry-out-edit.ts';

/** A line that an exchange adds. */
export interface WantedLine {
  readonly variantId: string;
  readonly quantity: number;
  /** Minor units; the variant's present price when absent. */
  readonly unitAmount?: number;
}

/** What pays for the lines without money: goods that come back. */
export interface LineCredit {
  /** Minor units. */
  readonly amount: number;
  readonly actor: string;
  readonly reason: string;
}

export interface AddedLines {
  readonly editId: string;
  readonly orderLineIds: readonly string[];
  /** What the order costs more, minor units; without regard to the credit. */
  readonly difference: number;
  /** What goes back to the customer, and what is to be paid. Minor units; one of the two is 0. */
  readonly refundDue: number;
  readonly collectDue: number;
  readonly refundId: string | undefined;
  readonly collectionId: string | undefined;
  /** To be started by the order's workflow. */
  readonly children: readonly ChildProcess[];
  /** Of the order: to be written by the caller, which raises its version. */
  readonly change: OrderChange;
}

/**
 * Adds lines to an order inside a transaction with the order locked, allocates their stock, and settles the difference against a
 * credit: what the credit does not cover is collected, what is left of it refunded. The credit stands for goods of the order that
 * are given back without a refund of their own. Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION when something is not in stock, and
 * CONFLICT while a movement of the order's money is under way: try again then.
 */
export async function addLinesToOrder(context: CommandContext, lines: readonly WantedLine[], credit: LineCredit): Promise<AddedLines> {
  const { stores, order, newId } = context;
  const changes = lines.map((line): AddLine => ({ kind: 'add_line', lineId: newId('orderLine'), ...line }));
  const editId = newId('orderEdit');
  const { actor, reason, amount } = credit;
  await stores.orderEdits.record({ id: editId, orderId: order.id, baseVersion: order.version, createdBy: actor, note: reason, changes });
  const outcome = await carryOutEdit(context, changes, { editId, actor, reason, credit: amount });
  const { edited, settlement, refundId, collectionId, children, change } = outcome;
  return { editId, orderLineIds: changes.map(({ lineId }) => lineId), difference: edited.difference, ...settlement, refundId, collectionId, children, change };
}
