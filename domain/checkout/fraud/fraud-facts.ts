import type { ListMatch } from './fraud-list.ts';
import type { ExternalScore } from './fraud-scorer.ts';

/** What the fraud check knows about one checkout. */
export interface FraudFacts {
  readonly email: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  /** The store's accepted orders in this currency so far, minor units. */
  readonly norm: OrderNorm;
  /** ISO 3166-1 alpha-2. */
  readonly shippingCountry: string;
  /** ISO 3166-1 alpha-2. */
  readonly billingCountry: string;
  readonly velocity: CheckoutVelocity;
  /** Known after authorization only. */
  readonly card?: {
    /** ISO 3166-1 alpha-2, of the issuing bank. */
    readonly country?: string;
    /** The gateway's fingerprint of the card. */
    readonly fingerprint?: string;
  };
  /** The gateway's own score, 0 to 100. Known after authorization only. */
  readonly gatewayRiskScore?: number;
  /** What the store's scorer said. Known after authorization only. */
  readonly externalScore?: ExternalScore;
  /** Entries of the block and allow lists that name something about the checkout. */
  readonly listed?: readonly ListMatch[];
}

export interface OrderNorm {
  readonly orders: number;
  readonly meanAmount: number;
  readonly standardDeviation: number;
}

/** How many checkouts were seen before, the present one excluded. */
export interface CheckoutVelocity {
  readonly emailLastHour: number;
  readonly addressLastHour: number;
  readonly networkLastHour: number;
  /** 0 until the card is known. */
  readonly cardLastHour: number;
  readonly distinctCardsByEmailLastDay: number;
  readonly declinesByNetworkLastHour: number;
}
