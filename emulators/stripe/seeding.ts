import { z } from 'zod';
import type { Account } from './account.ts';
import { unixNow } from './ids.ts';
import type { BalanceTransaction, Charge, PaymentIntent, Refund } from './objects.ts';
import { cardFacts, outcomeOf, testCard } from './test-cards.ts';

/** How many objects are made before others get their turn. */
const CHUNK = 1_000;

const PAYMENT_METHOD = 'pm_card_visa';

/**
 * Captured payments to be made at once, without webhooks, for measuring with many. `{n}` in the metadata stands for the number
 * of the payment, counted from 1; so do the ids: `pi_<name>_<n>`, `ch_<name>_<n>`, and `re_<name>_<n>` of the refund.
 */
export const seedSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9]{1,20}$/),
  payments: z.int().min(1).max(1_000_000),
  /** Minor units of each. */
  amount: z.int().min(1),
  currency: z.string().regex(/^[a-z]{3}$/),
  metadata: z.record(z.string(), z.string()).default({}),
  /** Refunds every payment of which the number is divisible by this, in whole; none when absent. */
  refundEvery: z.int().min(1).optional(),
  /** `{n}` stands for the number here, too. */
  refundMetadata: z.record(z.string(), z.string()).default({}),
  /** Spreads the payments over this many seconds before now. */
  overSeconds: z.int().min(0).default(0),
});
export type Seed = z.input<typeof seedSchema>;

const numbered = (metadata: Readonly<Record<string, string>>, n: number): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, text.replaceAll('{n}', String(n))]));

const CARD = testCard(PAYMENT_METHOD);

function intentOf({ amount, currency }: Seed, id: string, created: number, metadata: Record<string, string>): PaymentIntent {
  return {
    id,
    object: 'payment_intent',
    amount,
    amount_capturable: 0,
    amount_received: amount,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${id}_secret`,
    confirmation_method: 'automatic',
    created,
    currency,
    customer: null,
    description: null,
    last_payment_error: null,
    latest_charge: id.replace('pi_', 'ch_'),
    livemode: false,
    metadata,
    next_action: null,
    payment_method: PAYMENT_METHOD,
    payment_method_options: { card: {} },
    payment_method_types: ['card'],
    processing: null,
    receipt_email: null,
    setup_future_usage: null,
    shipping: null,
    statement_descriptor: null,
    status: 'succeeded',
  };
}

function chargeOf(
  intent: PaymentIntent,
  id: string,
  refunded: number,
  shared: Pick<Charge, 'outcome' | 'payment_method_details'>,
): Charge {
  const { amount, currency, created, metadata } = intent;
  return {
    ...shared,
    id,
    object: 'charge',
    amount,
    amount_captured: amount,
    amount_refunded: refunded,
    balance_transaction: id.replace('ch_', 'txn_'),
    captured: true,
    created,
    currency,
    customer: null,
    disputed: false,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata,
    paid: true,
    payment_intent: intent.id,
    payment_method: PAYMENT_METHOD,
    refunded: refunded === amount,
    status: 'succeeded',
  };
}

const refundOf = (charge: Charge, id: string, metadata: Record<string, string>): Refund => ({
  id,
  object: 'refund',
  amount: charge.amount,
  balance_transaction: id.replace('re_', 'txn_re'),
  charge: charge.id,
  created: charge.created,
  currency: charge.currency,
  metadata,
  payment_intent: charge.payment_intent,
  reason: null,
  status: 'succeeded',
});

const movementOf = (source: Charge | Refund, id: string): BalanceTransaction => {
  const amount = source.object === 'refund' ? -source.amount : source.amount;
  const { created, currency, object: type } = source;
  return {
    id,
    object: 'balance_transaction',
    amount,
    created,
    currency,
    fee: 0,
    net: amount,
    source: source.id,
    status: 'available',
    type,
  };
};

/** Makes the payments; tells how many movements they are. Undefined when the account holds newer ones. */
export async function seedPayments(account: Account, seed: z.output<typeof seedSchema>): Promise<number | undefined> {
  const now = unixNow();
  const [newestIntent] = account.intents.newestFirst();
  const [newestMovement] = account.balanceTransactions.newestFirst();
  const newest = Math.max(newestIntent?.created ?? 0, newestMovement?.created ?? 0);
  if (newest > now - seed.overSeconds) return undefined;
  if (!CARD) throw new Error(`${PAYMENT_METHOD} must be a test card`);
  const card = { ...cardFacts(PAYMENT_METHOD, CARD), multicapture: { status: 'unavailable' as const } };
  const shared = { outcome: outcomeOf(CARD, undefined), payment_method_details: { card, type: 'card' as const } };
  let movements = 0;
  for (let n = 1; n <= seed.payments; n++) {
    const name = `${seed.name}_${n}`;
    const created = now - seed.overSeconds + Math.floor((seed.overSeconds * n) / seed.payments);
    const refunded = seed.refundEvery !== undefined && n % seed.refundEvery === 0;
    const intent = account.intents.put(intentOf(seed, `pi_${name}`, created, numbered(seed.metadata, n)));
    const charge = account.charges.put(chargeOf(intent, `ch_${name}`, refunded ? seed.amount : 0, shared));
    account.balanceTransactions.put(movementOf(charge, `txn_${name}`));
    movements++;
    if (refunded) {
      const refund = account.refunds.put(refundOf(charge, `re_${name}`, numbered(seed.refundMetadata, n)));
      account.balanceTransactions.put(movementOf(refund, `txn_re${name}`));
      movements++;
    }
    if (n % CHUNK === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return movements;
}
