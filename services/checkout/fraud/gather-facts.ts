import type { BuyerKeys, CheckoutSnapshot } from '../../../domain/checkout/checkout-store.ts';
import type { FraudFacts } from '../../../domain/checkout/fraud/fraud-facts.ts';
import type { ExternalScore } from '../../../domain/checkout/fraud/fraud-scorer.ts';
import type { GatewayPayment } from '../../../domain/payments/gateway.ts';
import type { Stores } from '../../stores.ts';
import { listKeysOf } from './list-keys.ts';

/** A checkout as the fraud check sees it, stored or about to be. */
export interface AssessedCheckout {
  readonly id: string;
  readonly channelId: string;
  readonly currency: string;
  readonly keys: BuyerKeys;
  readonly snapshot: CheckoutSnapshot;
}

/** What is known after authorization only. */
export interface PaidFacts {
  readonly told: Pick<GatewayPayment, 'method' | 'riskScore'>;
  readonly cardKey: string | undefined;
  /** Absent when the store has no scorer, or does without one that gave no answer. */
  readonly externalScore?: ExternalScore | undefined;
}

/** Everything that the rules look at: before payment what the cart tells, after it the card and the scores too. */
export async function gatherFacts(
  stores: Stores,
  { id, channelId, currency, keys, snapshot }: AssessedCheckout,
  paid?: PaidFacts,
): Promise<FraudFacts> {
  const { email, shippingAddress, billingAddress } = snapshot;
  const { method, riskScore } = paid?.told ?? {};
  const countries = [
    shippingAddress.countryCode,
    billingAddress.countryCode,
    ...(method?.country === undefined ? [] : [method.country]),
  ];
  const velocity = await stores.checkouts.velocity(keys, paid?.cardKey ?? null, id);
  const norm = await stores.checkouts.orderNorm(channelId, currency);
  const listed = await stores.fraud.lists.matches(listKeysOf({ email, keys, cardKey: paid?.cardKey, countries }));
  return {
    email,
    amount: snapshot.totals.total,
    currency,
    norm,
    velocity,
    shippingCountry: shippingAddress.countryCode,
    billingCountry: billingAddress.countryCode,
    listed,
    ...(method ? { card: method } : {}),
    ...(riskScore === undefined ? {} : { gatewayRiskScore: riskScore }),
    ...(paid?.externalScore === undefined ? {} : { externalScore: paid.externalScore }),
  };
}
