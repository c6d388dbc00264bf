import { invalid } from '../../shared/errors.ts';
import { CONDITIONS, RETURN_REASONS, type Condition, type ReturnReason } from './return.ts';

/**
 * What a channel promises for returns. A return keeps the policy under which it was asked for. The window itself is the channel's
 * `return_window_days`.
 */
export interface ReturnPolicy {
  /** Articles in these categories cannot be sent back. */
  readonly excludedCategoryIds: readonly string[];
  /** Returns worth at most this are approved at once, minor units; null: an operator decides on each. */
  readonly approveUpTo: number | null;
  /** An operator decides within; halfway a person is called. */
  readonly decideWithinHours: number;
  /** What happens to returns that nobody has decided on. A claim for something that is not sent back is rejected then. */
  readonly undecided: 'approve' | 'reject';
  /** After the approval. */
  readonly sendBackWithinDays: number;
  /** Days after the approval on which the customer is reminded. */
  readonly reminderDays: readonly number[];
  /**
   * After it has arrived; halfway a person is called, and what nobody has looked at by then is accepted. Directive 2011/83/EU,
   * article 13, gives 14 days for the money.
   */
  readonly inspectWithinDays: number;
  /** Of the value of what was sent back for a reason of the customer's own, by its condition, parts per million. */
  readonly restockingFeePpm: Readonly<Record<Condition, number>>;
  /** The reasons for which the customer pays for the label that we give, and how much, minor units. */
  readonly customerPaysFor: readonly ReturnReason[];
  readonly labelFee: number;
  /** `whole_order`: what shipping cost goes back when nothing of the order is left with the customer. */
  readonly refundShipping: 'never' | 'whole_order';
  /** When the gateway refuses: a person is called, or the customer gets store credit. */
  readonly refundFallback: 'incident' | 'store_credit';
  /** The provider that labels are bought from; null: operators give them, or none are given. */
  readonly labelProvider: string | null;
}

/** The policy of a channel that says nothing else. */
export const DEFAULT_RETURN_POLICY: ReturnPolicy = {
  excludedCategoryIds: [],
  approveUpTo: null,
  decideWithinHours: 72,
  undecided: 'approve',
  sendBackWithinDays: 21,
  reminderDays: [7, 14],
  inspectWithinDays: 14,
  restockingFeePpm: { new: 0, opened: 0, damaged: 0 },
  customerPaysFor: [],
  labelFee: 0,
  refundShipping: 'whole_order',
  refundFallback: 'incident',
  labelProvider: null,
};

const MAX_DAYS = 365;

/** Raises INVALID_INPUT naming the field when a policy cannot be kept; answers it. */
export function checkReturnPolicy(policy: ReturnPolicy): ReturnPolicy {
  const whole = (field: string, value: number, least: number, most: number): void => {
    if (!Number.isSafeInteger(value) || value < least || value > most) throw invalid(field, `Must be a whole number from ${least} to ${most}`);
  };
  whole('decideWithinHours', policy.decideWithinHours, 1, MAX_DAYS * 24);
  whole('sendBackWithinDays', policy.sendBackWithinDays, 1, MAX_DAYS);
  whole('inspectWithinDays', policy.inspectWithinDays, 1, MAX_DAYS);
  whole('labelFee', policy.labelFee, 0, Number.MAX_SAFE_INTEGER);
  if (policy.approveUpTo !== null) whole('approveUpTo', policy.approveUpTo, 0, Number.MAX_SAFE_INTEGER);
  for (const condition of CONDITIONS) whole(`restockingFeePpm.${condition}`, policy.restockingFeePpm[condition], 0, 1_000_000);
  policy.reminderDays.forEach((day, index) => {
    whole(`reminderDays.${index}`, day, 1, policy.sendBackWithinDays);
    if (index > 0 && day <= (policy.reminderDays[index - 1] ?? 0)) throw invalid(`reminderDays.${index}`, 'Must be later than the one before');
  });
  policy.customerPaysFor.forEach((reason, index) => {
    if (!RETURN_REASONS.includes(reason)) throw invalid(`customerPaysFor.${index}`, `Must be one of ${RETURN_REASONS.join(', ')}`);
  });
  return policy;
}
