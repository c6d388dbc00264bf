import type { GatewayPayment } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { PaymentRecord } from '../../domain/payments/payment-store.ts';

/** Skew between our clock and the gateway's, and time for a slow call, when its ledger is searched. */
const LEDGER_MARGIN_MS = 5 * 60_000;

/** What the gateway says of a payment now: by its own id when we know it, else by our reference in its ledger. */
export async function lookUpPayment(gateways: Gateways, payment: PaymentRecord): Promise<GatewayPayment | undefined> {
  const gateway = gateways.get(payment.gateway);
  return payment.gatewayRef === null
    ? gateway.findByReference(payment.id, new Date(payment.createdAt.getTime() - LEDGER_MARGIN_MS))
    : gateway.retrieve(payment.gatewayRef);
}
