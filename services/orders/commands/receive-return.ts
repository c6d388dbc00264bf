import type { OrderReturn } from '../../../domain/orders/returns/return.ts';
import { returnTransitions } from '../../../domain/orders/returns/return-status.ts';
import { DomainError, invalid } from '../../../domain/shared/errors.ts';
import { attendIncidents, inDays, restateReturns, returnOf, returnOutcome, tellOfReturn } from '../returns/return-steps.ts';
import type { CommandHandler, CommandOf } from './command-handler.ts';

function checkUnits({ lines }: OrderReturn, units: CommandOf<'receive_return'>['units']): void {
  if (units.length === 0) throw invalid('units', 'Say what has arrived');
  const arrived = new Map<string, number>();
  units.forEach(({ orderLineId, condition, quantity }, index) => {
    const line = lines.find((each) => each.orderLineId === orderLineId);
    if (!line) throw invalid(`units.${index}.orderLineId`, 'The return has no such line');
    if (units.findIndex((other) => other.orderLineId === orderLineId && other.condition === condition) !== index) {
      throw invalid(`units.${index}.condition`, 'The line is named twice in this condition');
    }
    if (!Number.isSafeInteger(quantity) || quantity < 1) throw invalid(`units.${index}.quantity`, 'Must be 1 or more');
    const sum = (arrived.get(orderLineId) ?? line.receivedQuantity) + quantity;
    arrived.set(orderLineId, sum);
    if (sum > line.quantity) throw new DomainError('INVALID_TRANSITION', `Only ${line.quantity} were to come, ${line.receivedQuantity} have`, `units.${index}.quantity`);
  });
}

/** Notes what has arrived; more may follow until it is settled. */
export const receiveReturn: CommandHandler<'receive_return'> = async (context, { returnId, units }) => {
  const { stores, now } = context;
  const subject = await returnOf(context, returnId);
  if (!subject.sendBack) throw new DomainError('INVALID_TRANSITION', 'Nothing is sent back', 'returnId');
  const first = subject.status !== 'received';
  if (first) returnTransitions.assertTransition(subject.status, 'received');
  checkUnits(subject, units);
  await stores.returns.receive(returnId, units);
  if (first) await stores.returns.update(returnId, { status: 'received', receivedAt: now, inspectBy: inDays(now, subject.terms.inspectWithinDays) });
  await attendIncidents(context, returnId, ['return_label_missing'], 'It has arrived');
  await tellOfReturn(context, first ? 'return.received' : 'return.received_more', subject, { units });
  return returnOutcome(subject, await restateReturns(context), { units });
};
