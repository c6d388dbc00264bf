import { CONDITIONS, type OrderReturn } from '../../../domain/orders/returns/return.ts';
import { returnEligibility, type ReturnRefusal } from '../../../domain/orders/returns/return-eligibility.ts';
import type { NewReturn } from '../../../domain/orders/returns/return-store.ts';
import { settleReturn } from '../../../domain/orders/returns/return-settlement.ts';
import type { Order } from '../../../domain/orders/order.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import { planEdit } from '../edits/carry-out-edit.ts';
import { approveReturn, restateReturns, returnOutcome, tellOfReturn } from '../returns/return-steps.ts';
import type { CommandContext, CommandHandler, CommandOf } from './command-handler.ts';
import { requirePlaced } from './require-placed.ts';

type Request = CommandOf<'request_return'>;

const HOUR_MS = 3_600_000;

const REFUSALS: Readonly<Record<ReturnRefusal, string>> = {
  order_canceled: 'The order is canceled',
  not_returnable: 'This article cannot be sent back',
  window_over: 'The time for returns is over',
  not_delivered: 'It has not arrived yet',
  nothing_left: 'All of it has been returned or refunded',
};

/** Raises INVALID_INPUT or INVALID_TRANSITION naming the line that cannot be asked for. */
async function checkLines({ stores, order, now }: CommandContext, whole: Order, { lines, returnKind, requestedBy }: Request, excludedCategoryIds: readonly string[]): Promise<void> {
  if (lines.length === 0) throw invalid('lines', 'Give at least one line');
  const returnable = await stores.returns.returnableLines(order.id, excludedCategoryIds);
  const claim = returnKind === 'claim';
  lines.forEach(({ orderLineId, quantity, reason }, index) => {
    const line = returnable.find(({ id }) => id === orderLineId);
    if (!line) throw invalid(`lines.${index}.orderLineId`, 'The order has no such line');
    if (lines.findIndex((other) => other.orderLineId === orderLineId) !== index) throw invalid(`lines.${index}.orderLineId`, 'The line is named twice');
    if (!Number.isSafeInteger(quantity) || quantity < 1) throw invalid(`lines.${index}.quantity`, 'Must be 1 or more');
    if (reason === 'lost_in_transit' && !claim) throw invalid(`lines.${index}.reason`, 'What never arrived is a claim');
    const { units, refusal } = returnEligibility(
      { status: order.status, deliveredAt: whole.deliveredAt, windowDays: order.returnWindowDays },
      line,
      { now, claim, byOperator: requestedBy === 'operator' },
    );
    if (refusal !== undefined) throw new DomainError('INVALID_TRANSITION', REFUSALS[refusal], `lines.${index}.orderLineId`);
    if (quantity > units) throw new DomainError('INVALID_TRANSITION', `At most ${units} of the line`, `lines.${index}.quantity`);
  });
}

/** Raises unless what is wanted instead could be added to the order as it is. */
async function checkWanted(context: CommandContext, { wanted = [], returnKind }: Request): Promise<void> {
  if (returnKind === 'exchange' && wanted.length === 0) throw invalid('wanted', 'Say what is wanted instead');
  if (returnKind === 'return' && wanted.length > 0) throw invalid('wanted', 'A return brings money back: ask for an exchange');
  if (wanted.length === 0) return;
  requirePlaced(context.order);
  const changes = wanted.map((units) => ({ kind: 'add_line' as const, lineId: context.newId('orderLine'), ...units }));
  await planEdit(context.stores, context.order.id, changes);
}

/** Whether the policy approves it without asking anybody: it is worth little, and comes back. */
function isSmall(whole: Order, { lines, terms, sendBack }: NewReturn): boolean {
  if (terms.approveUpTo === null || !sendBack) return false;
  const accepted = lines.map(({ orderLineId, quantity, reason }) => ({ orderLineId, reason, units: { [CONDITIONS[0]]: quantity } }));
  return settleReturn(whole, accepted, terms, { labelGiven: false }).value <= terms.approveUpTo;
}

/** Opens a return. What an operator asks for, and what is worth little, is approved with it. */
export const requestReturn: CommandHandler<'request_return'> = async (context, command) => {
  const { stores, order, newId, now } = context;
  if (order.status !== 'completed') requirePlaced(order);
  const whole = await stores.orders.get(order.id);
  if (!whole) throw notFound('The order', 'orderId');
  const terms = await stores.returns.policyOf(order.id);
  await checkLines(context, whole, command, terms.excludedCategoryIds);
  await checkWanted(context, command);
  const { returnKind: kind, requestedBy, note = null, wanted = [], lines } = command;
  if (command.sendBack && lines.some(({ reason }) => reason === 'lost_in_transit')) throw invalid('sendBack', 'What never arrived cannot be sent back');
  if (!command.sendBack && kind !== 'claim') throw invalid('sendBack', 'What need not come back is a claim');
  const asked: NewReturn = {
    id: newId('return'),
    orderId: order.id,
    kind,
    sendBack: command.sendBack,
    requestedBy,
    note,
    terms,
    wanted,
    lines,
    requestedAt: now,
    decideBy: new Date(now.getTime() + terms.decideWithinHours * HOUR_MS),
  };
  await stores.returns.insert(asked);
  await tellOfReturn(context, 'return.requested', asked, { kind, requestedBy, lines, ...(wanted.length > 0 ? { wanted } : {}) });
  const decided = requestedBy === 'operator' || isSmall(whole, asked);
  if (decided) {
    const opened: OrderReturn | undefined = await stores.returns.get(asked.id);
    if (!opened) throw new Error(`Return ${asked.id} was written and not found`);
    await approveReturn(context, opened, { actor: requestedBy === 'operator' ? command.actor : 'policy' });
  }
  return returnOutcome(asked, await restateReturns(context), { kind, lines });
};
