import type { Currency } from '../shared/money.ts';
import type { PaymentReference } from './gateway.ts';

/** `inquiry`: asked before a chargeback · `needs_response`: evidence is due · `under_review`: the bank decides. */
export type DisputeStatus = 'inquiry' | 'needs_response' | 'under_review' | 'won' | 'lost';

/** A dispute or chargeback as the gateway tells it. Amounts in minor units. */
export interface GatewayDispute {
  /** The gateway's id of the dispute. */
  readonly ref: string;
  /** The gateway's id of the disputed payment, when the gateway names it. */
  readonly gatewayRef?: string;
  /** The gateway's id of the disputed capture or charge. */
  readonly captureRef?: string;
  readonly amount: number;
  readonly currency: Currency;
  /** The gateway's reason, such as `fraudulent` or `product_not_received`. */
  readonly reason: string;
  readonly status: DisputeStatus;
  readonly evidenceDueAt?: Date;
  readonly openedAt: Date;
  readonly reference?: PaymentReference;
}

/** What an operator answers a dispute with. Free text goes to the gateway, never into events or logs. */
export interface DisputeEvidence {
  readonly explanation: string;
  readonly productDescription?: string;
  readonly trackingNumber?: string;
  readonly carrier?: string;
  /** ISO 8601 date. */
  readonly shippedOn?: string;
  /** The order was refunded already, under this refund id of the gateway. */
  readonly refundRef?: string;
}

/** Where a gateway's disputes are answered. Each call has a time-out; throws GatewayError. */
export interface DisputeDesk {
  retrieve(ref: string): Promise<GatewayDispute>;
  /** Sends the evidence; the bank decides after that. */
  respond(request: { key: string; ref: string; evidence: DisputeEvidence }): Promise<GatewayDispute>;
  /** Gives in: the dispute is lost. */
  accept(request: { key: string; ref: string }): Promise<GatewayDispute>;
}
