import type { Account, Call } from './account.ts';
import { NO_CALL } from './account.ts';
import { badParameter, missingResource, refused } from './api-error.ts';
import { releasedOf } from './charges.ts';
import { findDispute } from './disputes.ts';
import { newId, unixNow } from './ids.ts';
import type { Charge, Refund } from './objects.ts';
import type { Parameters } from './parameters.ts';
import { lookUpMethod } from './payment-methods.ts';
import type { TestCard } from './test-cards.ts';

const refundedBy = (charge: Charge, difference: number): Charge => {
  const refunded = charge.amount_refunded + difference;
  return {
    ...charge,
    amount_refunded: refunded,
    refunded: charge.captured && refunded === charge.amount_captured + releasedOf(charge),
  };
};

const refundKind = (account: Account, charge: Charge): TestCard['refund'] =>
  lookUpMethod(account, charge.payment_method)?.card.refund;

function settle(account: Account, id: string): void {
  const refund = account.refunds.get(id);
  const charge = refund && account.charges.get(refund.charge);
  if (!refund || !charge) return;
  if (refundKind(account, charge) === 'pending') {
    const succeeded = account.refunds.put({ ...refund, status: 'succeeded' });
    account.emit('refund.updated', succeeded, NO_CALL);
    return;
  }
  const { amount, currency } = refund;
  account.book({ amount, currency, source: refund.id, type: 'refund_failure' });
  account.charges.put(refundedBy(charge, -amount));
  const failed = account.refunds.put({ ...refund, failure_reason: 'expired_or_canceled_card', status: 'failed' });
  account.emit('refund.updated', failed, NO_CALL);
  account.emit('refund.failed', failed, NO_CALL);
}

/** Lets a refund of an asynchronous test card succeed or fail after the account's settle time. */
export function settleLater(account: Account, refund: Refund): void {
  const charge = account.charges.get(refund.charge);
  const kind = charge && refundKind(account, charge);
  const awaited = (kind === 'pending' && refund.status === 'pending') || (kind === 'fail' && refund.status === 'succeeded');
  if (awaited && refund.balance_transaction !== null)
    account.timers.after(account.refundSettleMs, () => settle(account, refund.id));
}

function findCharge(account: Account, params: Parameters): Charge {
  const intentId = params.text('payment_intent');
  const chargeId = params.text('charge');
  if (intentId === undefined && chargeId === undefined) {
    throw badParameter(
      'parameter_missing',
      'payment_intent',
      'One of the following params should be provided for this request: payment_intent or charge.',
    );
  }
  if (intentId !== undefined && !account.intents.get(intentId))
    throw missingResource('payment_intent', intentId, 'payment_intent', 404);
  const charge = account.charges.get(chargeId ?? account.intents.get(intentId ?? '')?.latest_charge ?? '');
  if (charge) return charge;
  if (chargeId !== undefined) throw missingResource('charge', chargeId, 'charge', 404);
  throw refused(
    'payment_intent_unexpected_state',
    `This PaymentIntent (${intentId}) does not have a successful charge to refund.`,
  );
}

/** `POST /v1/refunds` */
export function createRefund(account: Account, params: Parameters, call: Call): Refund {
  const amountAsked = params.integer('amount', { min: 1 });
  const reason = params.oneOf('reason', ['duplicate', 'fraudulent', 'requested_by_customer']) ?? null;
  const metadata = params.metadata();
  const charge = findCharge(account, params);
  params.end();
  if (charge.amount_captured === 0) {
    throw refused(
      'charge_not_captured',
      `This PaymentIntent (${charge.payment_intent}) does not have a successful charge to refund.`,
    );
  }
  const taken = (account.disputesOf.get(charge.payment_intent) ?? []).some(
    (id) => !findDispute(account, id).is_charge_refundable,
  );
  if (taken) throw refused('charge_disputed', `Charge ${charge.id} has been charged back; cannot issue a refund.`);
  const left = charge.amount_captured + releasedOf(charge) - charge.amount_refunded;
  if (left === 0) throw refused('charge_already_refunded', `Charge ${charge.id} has already been refunded.`);
  const amount = amountAsked ?? left;
  if (amount > left) {
    throw refused('amount_too_large', `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, {
      param: 'amount',
    });
  }
  const id = newId('re');
  const { currency } = charge;
  const refund = account.refunds.put({
    id,
    object: 'refund',
    amount,
    balance_transaction: account.book({ amount: -amount, currency, source: id, type: 'refund' }).id,
    charge: charge.id,
    created: unixNow(),
    currency,
    metadata,
    payment_intent: charge.payment_intent,
    reason,
    status: refundKind(account, charge) === 'pending' ? 'pending' : 'succeeded',
  });
  const changed = account.charges.put(refundedBy(charge, amount));
  account.emit('refund.created', refund, call);
  account.emit('charge.refunded', changed, call);
  account.emit('refund.updated', refund, call);
  settleLater(account, refund);
  return refund;
}
