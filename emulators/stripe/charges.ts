import type { Account } from './account.ts';
import { newId, unixNow } from './ids.ts';
import type { Charge, PaymentIntent } from './objects.ts';
import { cardFacts, outcomeOf, type DeclineFacts, type TestCard } from './test-cards.ts';

/** Charges the card of an intent: captured at once, only authorized, or failed with `decline`. */
export function createCharge(
  account: Account,
  intent: PaymentIntent,
  paymentMethod: string,
  card: TestCard,
  decline?: DeclineFacts,
): Charge {
  const id = newId('ch');
  const captured = decline === undefined && intent.capture_method !== 'manual';
  const { amount, currency } = intent;
  return account.charges.put({
    id,
    object: 'charge',
    amount,
    amount_captured: captured ? amount : 0,
    amount_refunded: 0,
    balance_transaction: captured ? account.book({ amount, currency, source: id, type: 'charge' }) : null,
    captured,
    created: unixNow(),
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
    payment_method: paymentMethod,
    payment_method_details: { card: cardFacts(paymentMethod, card), type: 'card' },
    refunded: false,
    status: decline ? 'failed' : 'succeeded',
  });
}

/** Captures `amount` of an authorized charge; the rest of the authorization is released. */
export function captureCharge(account: Account, charge: Charge, amount: number): Charge {
  const transaction = account.book({ amount, currency: charge.currency, source: charge.id, type: 'charge' });
  return account.charges.put({ ...charge, amount_captured: amount, balance_transaction: transaction, captured: true });
}

/** Releases an authorization that was never captured. Stripe shows that as a refund of the whole charge. */
export const releaseCharge = (account: Account, charge: Charge): Charge =>
  account.charges.put({ ...charge, amount_refunded: charge.amount, refunded: true });
