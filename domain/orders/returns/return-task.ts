import type { RefundStatus } from '../../payments/refund.ts';
import type { ReturnStatus } from './return-status.ts';
import type { OrderReturn } from './return.ts';

/**
 * What a return's actor does by itself.
 * - `call_for_decision`, `call_for_inspection`: an operator has let half of the time pass
 * - `decide`: the time for it is over, the policy says how · `buy_label`: before the customer is told
 * - `remind`: the customer has not sent it · `ask_provider`: where the parcel is · `expire`: it was not sent in time
 * - `settle`: nothing is sent back, or nobody has inspected in time · `close`: the money has gone back, or a person has seen to it
 */
export type ReturnStep =
  | 'call_for_decision'
  | 'decide'
  | 'buy_label'
  | 'remind'
  | 'ask_provider'
  | 'expire'
  | 'call_for_inspection'
  | 'settle'
  | 'close';

/** The next step, and in how many ms. */
export interface DueStep {
  readonly step: ReturnStep;
  readonly inMs: number;
}

/** What a return's actor decides by. */
export interface ReturnTask {
  readonly status: ReturnStatus;
  /** Absent: only a message can change anything. */
  readonly next?: DueStep;
}

/** A return's refund: `attended`: it failed and a person has closed the incident. */
export interface ReturnRefund {
  readonly status: RefundStatus;
  readonly attended: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How often a provider is asked where the parcel is, and a return looks after its refund, should news be lost. */
export const ASK_PROVIDER_EVERY_MS = 6 * HOUR_MS;
const LOOK_AT_REFUND_EVERY_MS = HOUR_MS;

const halfway = (from: Date, to: Date): Date => new Date((from.getTime() + to.getTime()) / 2);

/**
 * What comes next of itself; undefined when only a message can change anything, or nothing any more.
 * @param now by the actor's clock
 * @param askedAt when the provider was asked last
 */
export function nextReturnStep(subject: OrderReturn, refund: ReturnRefund | undefined, now: Date, askedAt?: Date): DueStep | undefined {
  const at = (step: ReturnStep, instant: Date): DueStep => ({ step, inMs: Math.max(0, instant.getTime() - now.getTime()) });
  const soonest = (steps: readonly DueStep[]): DueStep | undefined => [...steps].sort((a, b) => a.inMs - b.inMs)[0];
  const { status, terms, requestedAt, decideBy, decidedAt, sendBackBy, receivedAt, inspectBy, calledFor, reminders } = subject;
  switch (status) {
    case 'requested':
      return calledFor === 'decision' ? at('decide', decideBy) : soonest([at('call_for_decision', halfway(requestedAt, decideBy)), at('decide', decideBy)]);
    case 'approved':
    case 'in_transit': {
      if (!subject.sendBack) return at('settle', now);
      if (subject.announcedAt === null) return at('buy_label', now);
      const day = status === 'approved' ? terms.reminderDays[reminders] : undefined;
      return soonest([
        ...(subject.providerRef === null ? [] : [at('ask_provider', new Date((askedAt ?? now).getTime() + (askedAt ? ASK_PROVIDER_EVERY_MS : 0)))]),
        ...(day === undefined || decidedAt === null ? [] : [at('remind', new Date(decidedAt.getTime() + day * DAY_MS))]),
        ...(sendBackBy === null ? [] : [at('expire', sendBackBy)]),
      ]);
    }
    case 'received': {
      if (receivedAt === null || inspectBy === null) return undefined;
      return calledFor === 'inspection' ? at('settle', inspectBy) : soonest([at('call_for_inspection', halfway(receivedAt, inspectBy)), at('settle', inspectBy)]);
    }
    case 'inspected':
      if (refund === undefined || refund.status === 'succeeded' || refund.attended) return at('close', now);
      return at('close', new Date(now.getTime() + LOOK_AT_REFUND_EVERY_MS));
    case 'closed':
    case 'rejected':
    case 'canceled':
    case 'expired':
      return undefined;
  }
}
