import type { Account } from './account.ts';
import { disputeLater } from './disputes.ts';
import { newId, unixNow } from './ids.ts';
import type { Charge, PaymentIntent } from './objects.ts';
import type { KnownMethod } from './payment-methods.ts';
import { allowsMulticapture, cardFacts, outcomeOf, type DeclineFacts } from './test-cards.ts';

/** Charges the card of an intent: captured at once, only authorized, or failed with `decline`. */
export function createCharge(account: Account, intent: PaymentIntent, method: KnownMethod, decline?: DeclineFacts): Charge {
  const id = newId('ch');
  const { testName, card } = method;
  const manual = intent.capture_method === 'manual';
  const captured = decline === undefined && !manual;
  const created = unixNow();
  const { amount, currency } = intent;
  const multicapture = manual && intent.payment_method_options.card.request_multicapture === 'if_available';
  const charge = account.charges.put({
    id,
    object: 'charge',
    amount,
    amount_captured: captured ? amount : 0,
    amount_refunded: 0,
    balance_transaction: captured ? account.book({ amount, currency, source: id, type: 'charge' }).id : null,
    captured,
    created,
    currency,
    customer: intent.customer,
    disputed: false,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    livemode: false,
    metadata: intent.metadata,
    outcome: outcomeOf(card, decline),
    paid: decline === undefined,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: {
      card: {
        ...cardFacts(testName, card),
        ...(manual && !decline ? { capture_before: created + account.authorizationSeconds } : {}),
        multicapture: { status: multicapture && allowsMulticapture(card) ? 'available' : 'unavailable' },
      },
      type: 'card',
    },
    refunded: false,
    status: decline ? 'failed' : 'succeeded',
  });
  disputeLater(account, charge);
  return charge;
}

/** Whether the charge may be captured again after a part of it was. */
export const isMulticapture = (charge: Charge): boolean => charge.payment_method_details.card.multicapture.status === 'available';

/**
 * What a single partial capture released of the authorization. Stripe shows it as refunded; after several captures it does not.
 */
export const releasedOf = (charge: Charge): number =>
  charge.captured && charge.amount_captured > 0 && !isMulticapture(charge) ? charge.amount - charge.amount_captured : 0;

/** Captures `amount` more of an authorized charge, which may be nothing; the rest is released if this is the `final` capture. */
export function captureCharge(account: Account, charge: Charge, amount: number, final: boolean): Charge {
  const { currency } = charge;
  const booked = amount > 0 ? account.book({ amount, currency, source: charge.id, type: 'charge' }).id : null;
  const captured: Charge = {
    ...charge,
    amount_captured: charge.amount_captured + amount,
    balance_transaction: charge.balance_transaction ?? booked,
    captured: final,
    refunded: final && charge.amount_refunded > 0 && charge.amount_refunded === charge.amount_captured + amount,
  };
  const released = releasedOf(captured);
  if (released > 0) {
    account.refunds.put({
      id: newId('re'),
      object: 'refund',
      amount: released,
      balance_transaction: null,
      charge: charge.id,
      created: unixNow(),
      currency,
      metadata: {},
      payment_intent: charge.payment_intent,
      reason: null,
      status: 'succeeded',
    });
  }
  const kept = account.charges.put({ ...captured, amount_refunded: captured.amount_refunded + released });
  disputeLater(account, kept);
  return kept;
}

/** Releases an authorization that was never captured. Stripe shows that as a refund of the whole charge. */
export const releaseCharge = (account: Account, charge: Charge): Charge =>
  account.charges.put({ ...charge, amount_refunded: charge.amount, refunded: true });
