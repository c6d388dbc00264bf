import type { Currency } from '../shared/money.ts';

/** What a gateway is asked to authorize. Only provider tokens ever stand for a card. */
export interface AuthorizeRequest {
  /** Idempotency key of the operation; the same key always asks for the same movement. */
  readonly key: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: Currency;
  /** The provider's token of the payment method, such as `pm_…`. */
  readonly paymentMethod: string;
  /** `automatic` captures in the same call; `manual` only authorizes. */
  readonly captureMethod: 'automatic' | 'manual';
  /** Where the customer's browser comes back to after a 3-D Secure challenge. */
  readonly returnUrl?: string;
  readonly reference: PaymentReference;
}

/** Our own ids, stored at the gateway with the payment so that either side can find the other. */
export interface PaymentReference {
  readonly cartId: string;
  readonly checkoutId: string;
  readonly orderId: string;
  readonly paymentId: string;
}

export interface PaymentMethodDetails {
  readonly brand?: string;
  readonly last4?: string;
  /** The gateway's fingerprint of the card: equal for equal cards, not reversible. */
  readonly fingerprint?: string;
  /** ISO 3166-1 alpha-2 country of the issuing bank. */
  readonly country?: string;
}

/** What the browser needs to let the customer authenticate a payment (3-D Secure). */
export interface CustomerAction {
  /** Where to send the browser; absent when the payment was made without a page to come back to. */
  readonly url?: string;
  /** For the gateway's own browser library, when it can show the challenge in place. */
  readonly clientSecret?: string;
}

/** The state of one payment as the gateway tells it. Amounts in minor units. */
export interface GatewayPayment {
  /** The gateway's id of the payment, such as `pi_…`. */
  readonly gatewayRef: string;
  readonly state: 'requires_action' | 'processing' | 'authorized' | 'captured' | 'canceled' | 'failed';
  readonly amount: number;
  readonly currency: Currency;
  readonly capturable: number;
  readonly captured: number;
  readonly refunded: number;
  readonly action?: CustomerAction;
  readonly decline?: Decline;
  readonly method?: PaymentMethodDetails;
  /** The gateway's own fraud score, 0 to 100. */
  readonly riskScore?: number;
  readonly reference?: PaymentReference;
}

/** A definitive "no" of the issuer or the gateway. */
export interface Decline {
  /** The gateway's code, such as `insufficient_funds`. */
  readonly code: string;
  readonly message: string;
  /** Whether another try with another method makes sense for the customer. */
  readonly retryable: boolean;
}

export interface GatewayRefund {
  readonly gatewayRef: string;
  readonly state: 'pending' | 'succeeded' | 'failed';
  readonly amount: number;
  readonly failureReason?: string;
}

/** A verified inbound webhook, reduced to what the store acts upon. */
export interface GatewayEvent {
  readonly id: string;
  readonly type: string;
  /** When the gateway created the event. */
  readonly occurredAt: Date;
  readonly gatewayRef?: string;
  /** The payment's state as the event tells it; the workflow reads it back before it acts. */
  readonly paymentState?: GatewayPayment['state'];
  readonly reference?: PaymentReference;
}

/**
 * Why a call gave no usable answer.
 * - `ambiguous`: a time-out, a dropped connection or a 5xx: the movement may have happened; read back before retrying.
 * - `rejected`: the gateway refused the request itself (a 4xx that is not a decline): retrying the same request is useless.
 * - `limited`: refused before it was processed (429, key in use): retry with the same key after `retryAfterMs`.
 */
export class GatewayError extends Error {
  readonly kind: 'ambiguous' | 'rejected' | 'limited';
  readonly retryAfterMs: number | undefined;
  /** True when the gateway replayed a stored failure for this key: the first attempt ended, and retrying the key replays it for ever. */
  readonly replayed: boolean;

  constructor(kind: GatewayError['kind'], message: string, options: { retryAfterMs?: number; replayed?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'GatewayError';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.replayed = options.replayed ?? false;
  }
}

/** A payment gateway. Each method does one HTTP exchange with a time-out and never retries by itself: workflows do. */
export interface PaymentGateway {
  readonly name: string;
  /** Creates and confirms a payment. A decline is a value (`state: 'failed'`); throws GatewayError when there is no answer. */
  authorize(request: AuthorizeRequest): Promise<GatewayPayment>;
  capture(request: { key: string; gatewayRef: string; amount: number }): Promise<GatewayPayment>;
  /** Releases an authorization or ends an unfinished payment. Voiding a canceled payment succeeds. */
  void(request: { key: string; gatewayRef: string }): Promise<GatewayPayment>;
  refund(request: { key: string; gatewayRef: string; amount: number; reason?: string }): Promise<GatewayRefund>;
  retrieve(gatewayRef: string): Promise<GatewayPayment>;
  /** Reads back a payment whose creation got no answer: searches the gateway's ledger since `since` for our reference. */
  findByReference(paymentId: string, since: Date): Promise<GatewayPayment | undefined>;
  /** Reads back a refund whose creation got no answer. */
  findRefund(gatewayRef: string, key: string): Promise<GatewayRefund | undefined>;
  /** Verifies the signature over the raw body. Throws DomainError `UNAUTHENTICATED` when it does not hold. */
  parseWebhook(rawBody: Uint8Array, signature: string): GatewayEvent;
}
