import { returnTransitions } from '../../../domain/orders/returns/return-status.ts';
import type { ReturnChange } from '../../../domain/orders/returns/return-store.ts';
import type { OrderReturn } from '../../../domain/orders/returns/return.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import { announceApproval, approveReturn, attendIncidents, restateReturns, returnOf, returnOutcome, tellOfReturn, waitsForParcelUntil } from '../returns/return-steps.ts';
import type { CommandContext, CommandHandler, CommandOf } from './command-handler.ts';

type Move = CommandOf<'move_return'>;

/** What integrators and customers hear. */
const EVENTS = {
  rejected: 'return.rejected',
  canceled: 'return.canceled',
  in_transit: 'return.in_transit',
  expired: 'return.expired',
} as const;

/** The label, or where the parcel is: news of a return that stays what it is. */
async function note(context: CommandContext, subject: OrderReturn, { to, parcel = {}, announce = false }: Move): Promise<void> {
  const due = to === 'approved' && subject.announcedAt === null && announce;
  await context.stores.returns.update(subject.id, parcel);
  if (due) await announceApproval(context, { ...subject, ...parcel });
}

async function move(context: CommandContext, subject: OrderReturn, { to, actor, reason, parcel = {}, sendBack }: Move): Promise<void> {
  const { stores, now } = context;
  if (to === 'approved') return approveReturn(context, subject, { actor, reason, sendBack, parcel });
  if (to === 'rejected' && reason === undefined) throw invalid('reason', 'Tell the customer why');
  const changes: Readonly<Record<typeof to, ReturnChange>> = {
    rejected: { decidedBy: actor, decidedAt: now, endedAt: now, ...(reason === undefined ? {} : { decisionReason: reason }) },
    canceled: { endedAt: now, ...(reason === undefined ? {} : { decisionReason: reason }) },
    in_transit: { sendBackBy: waitsForParcelUntil(subject, now) },
    expired: { endedAt: now },
  };
  await stores.returns.update(subject.id, { ...parcel, ...changes[to], status: to });
  const told = { ...(reason === undefined ? {} : { reason }), ...(to === 'in_transit' ? { trackingNumber: parcel.trackingNumber ?? subject.trackingNumber } : {}) };
  await tellOfReturn(context, EVENTS[to], subject, told);
  if (to !== 'in_transit') await attendIncidents(context, subject.id, ['return_undecided', 'return_label_missing'], `The return is ${to}`);
  if (to === 'expired' && subject.status === 'in_transit') {
    await stores.incidents.raise(context.newId('incident'), {
      kind: 'return_overdue',
      subjectId: subject.id,
      orderId: subject.orderId,
      cause: 'The parcel was on its way and has not arrived in time',
      nextAction: 'Ask the carrier; open a claim for the customer if it is lost',
    });
  }
}

/** Decides on a return, or notes where its parcel is. */
export const moveReturn: CommandHandler<'move_return'> = async (context, command) => {
  const subject = await returnOf(context, command.returnId);
  const { to, reason } = command;
  // News that came twice, a better tracking number, or the label.
  if (subject.status === to) await note(context, subject, command);
  else {
    returnTransitions.assertTransition(subject.status, to);
    if (to === 'in_transit' && !subject.sendBack) throw invalid('to', 'Nothing is sent back');
    await move(context, subject, command);
  }
  return returnOutcome(subject, await restateReturns(context), { to, ...(reason === undefined ? {} : { reason }) });
};
