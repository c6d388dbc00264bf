import { returnTransitions } from '../../../domain/orders/returns/return-status.ts';
import { restateReturns, returnOf, returnOutcome, tellOfReturn } from '../returns/return-steps.ts';
import type { CommandHandler } from './command-handler.ts';

/** Ends a return whose money has gone back. */
export const closeReturn: CommandHandler<'close_return'> = async (context, { returnId, outcome }) => {
  const subject = await returnOf(context, returnId);
  returnTransitions.assertTransition(subject.status, 'closed');
  await context.stores.returns.update(returnId, { status: 'closed', outcome, endedAt: context.now });
  await tellOfReturn(context, 'return.closed', subject, { outcome, ...(subject.refundId === null ? {} : { refundId: subject.refundId }) });
  return returnOutcome(subject, await restateReturns(context), { outcome });
};
