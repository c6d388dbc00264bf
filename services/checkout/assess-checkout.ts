import type { BuyerKeys, CheckoutSnapshot } from '../../domain/checkout/checkout-store.ts';
import { assessFraud, type FraudAssessment } from '../../domain/checkout/fraud/assess-fraud.ts';
import { fraudSettings } from '../../domain/checkout/fraud/fraud-settings.ts';
import type { GatewayPayment } from '../../domain/payments/gateway.ts';
import type { Stores } from '../stores.ts';

/** A checkout as the fraud check sees it, stored or about to be. */
interface Assessed {
  readonly id: string;
  readonly channelId: string;
  readonly currency: string;
  readonly keys: BuyerKeys;
  readonly snapshot: CheckoutSnapshot;
}

/** Runs the channel's fraud rules: before payment on what the cart tells, after it also on the card and the gateway's score. */
export async function assessCheckout(
  stores: Stores,
  { id, channelId, currency, keys, snapshot }: Assessed,
  paid?: { told: GatewayPayment; cardKey: string | undefined },
): Promise<FraudAssessment> {
  const velocity = await stores.checkouts.velocity(keys, paid?.cardKey ?? null, id);
  const norm = await stores.checkouts.orderNorm(channelId, currency);
  return assessFraud(
    {
      email: snapshot.email,
      amount: snapshot.totals.total,
      currency,
      norm,
      velocity,
      shippingCountry: snapshot.shippingAddress.countryCode,
      billingCountry: snapshot.billingAddress.countryCode,
      ...(paid?.told.method ? { card: paid.told.method } : {}),
      ...(paid?.told.riskScore === undefined ? {} : { gatewayRiskScore: paid.told.riskScore }),
    },
    fraudSettings(snapshot.channel.fraudSettings),
  );
}
