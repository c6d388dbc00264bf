import type { Currency } from '../shared/money.ts';
import type { DisputeDesk } from './dispute.ts';
import type { MovementPage } from './movement.ts';
import type { PaymentMethodDetails, PaymentVault, SavedMethodToken } from './vault.ts';

/** What a gateway is asked to authorize. Only provider tokens ever stand for a card. */
export interface AuthorizeRequest {
  /** Idempotency key of the operation; the same key always asks for the same movement. */
  readonly key: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: Currency;
  /** The provider's token of the payment method, such as `pm_…`; a gateway that asks the customer itself takes its own name. */
  readonly paymentMethod: string;
  /** `automatic` captures in the same call; `manual` only authorizes. */
  readonly captureMethod: 'automatic' | 'manual';
  /** Where the customer's browser comes back to after a 3-D Secure challenge or an approval. */
  readonly returnUrl?: string;
  readonly reference: PaymentReference;
  /** The customer at the gateway whose vault holds the method, or shall keep it. */
  readonly customerRef?: string;
  /** Keep the method in the gateway's vault for the customer. */
  readonly saveMethod?: boolean;
  /** The customer is not there to authenticate: a renewal of an authorization. */
  readonly offSession?: boolean;
}

/** Our own ids, stored at the gateway with the payment so that either side can find the other. */
export interface PaymentReference {
  readonly cartId: string;
  readonly checkoutId: string;
  readonly orderId: string;
  readonly paymentId: string;
}

/** What the browser needs to let the customer authenticate (3-D Secure) or approve a payment. */
export interface CustomerAction {
  /** Where to send the browser; absent when the payment was made without a page to come back to. */
  readonly url?: string;
  /** For the gateway's own browser library, when it can show the challenge in place. */
  readonly clientSecret?: string;
}

/**
 * - `requires_action`: the customer must authenticate or approve · `approved`: the customer did, `complete` is due
 * - `processing`: the bank decides · `deferred`: will be paid outside (bank transfer, cash on delivery); the order need not wait
 * - `authorized`: something can be captured, and part of it may have been · `captured`: nothing is left to capture
 * - `canceled`: nothing was captured and nothing can be · `failed`: declined
 */
export type GatewayPaymentState = 'requires_action' | 'approved' | 'processing' | 'deferred' | 'authorized' | 'captured' | 'canceled' | 'failed';

/** The state of one payment as the gateway tells it. Amounts in minor units. */
export interface GatewayPayment {
  /** The gateway's id of the payment, such as `pi_…`. */
  readonly gatewayRef: string;
  readonly state: GatewayPaymentState;
  readonly amount: number;
  readonly currency: Currency;
  readonly capturable: number;
  readonly captured: number;
  /** Captures that were asked for and that the bank has yet to decide; absent when there are none. */
  readonly pendingCapture?: number;
  /** Refunds that are done or pending; a failed one counts no more. */
  readonly refunded: number;
  /** What refunds are made against: one entry for each movement that the gateway can refund separately. */
  readonly captures: readonly GatewayCapture[];
  /** Until when an open authorization can be captured. */
  readonly capturableUntil?: Date;
  readonly action?: CustomerAction;
  readonly decline?: Decline;
  readonly method?: PaymentMethodDetails;
  /** The method as the gateway's vault now keeps it, when `saveMethod` was asked for. */
  readonly savedMethod?: SavedMethodToken;
  /** The gateway's own fraud score, 0 to 100. */
  readonly riskScore?: number;
  readonly reference?: PaymentReference;
}

/** Money that was taken. Minor units. */
export interface GatewayCapture {
  /** The gateway's id of the capture or charge. */
  readonly ref: string;
  readonly amount: number;
  /** Refunds of it that are done or pending. */
  readonly refunded: number;
}

/** A definitive "no" of the issuer or the gateway. */
export interface Decline {
  /** The gateway's code, such as `insufficient_funds`. */
  readonly code: string;
  readonly message: string;
  /** Whether another try with another method makes sense for the customer. */
  readonly retryable: boolean;
}

export interface CaptureRequest {
  readonly key: string;
  readonly gatewayRef: string;
  /** Minor units, at most what is capturable. */
  readonly amount: number;
  readonly currency: Currency;
  /** True: whatever is not captured now is released. */
  readonly final: boolean;
}

export interface RefundRequest {
  readonly key: string;
  readonly gatewayRef: string;
  /** Which of the payment's captures is refunded. */
  readonly captureRef: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: Currency;
  readonly reason?: string;
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
  /** What it is about; `other` is stored and not acted upon. */
  readonly subject: 'payment' | 'refund' | 'dispute' | 'other';
  /** The gateway's id of the payment. */
  readonly gatewayRef?: string;
  /** The gateway's id of the dispute, for `dispute`. */
  readonly disputeRef?: string;
  /** The payment's state as the event tells it; the workflow reads it back before it acts. */
  readonly paymentState?: GatewayPaymentState;
  /** The refund's state, and the key that we gave it. */
  readonly refund?: { readonly key: string; readonly state: GatewayRefund['state'] };
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

/** Headers of an inbound request, names in lower case. */
export type WebhookHeaders = Readonly<Record<string, string | undefined>>;

/**
 * A payment gateway. Each method does as few HTTP exchanges as the gateway allows, each with a time-out, and never retries by
 * itself: workflows do. A change of a payment that has moved on already answers with its present state instead of failing.
 */
export interface PaymentGateway {
  /** Lower case, as in `payments.gateway` and in the webhook's path. */
  readonly name: string;
  /** Whether one authorization can be captured in several parts. */
  readonly multipleCaptures: boolean;
  /** Creates and confirms a payment. A decline is a value (`state: 'failed'`); throws GatewayError when there is no answer. */
  authorize(request: AuthorizeRequest): Promise<GatewayPayment>;
  /** Authorizes or captures what the customer has approved. Only for payments in state `approved`. */
  complete(request: { key: string; gatewayRef: string; captureMethod: 'automatic' | 'manual' }): Promise<GatewayPayment>;
  /** A capture that the issuer refuses is a value: `state: 'failed'` with its decline, or the unchanged payment with `decline`. */
  capture(request: CaptureRequest): Promise<GatewayPayment>;
  /** Releases what is not captured, or ends an unfinished payment. Voiding a canceled payment succeeds. */
  void(request: { key: string; gatewayRef: string }): Promise<GatewayPayment>;
  refund(request: RefundRequest): Promise<GatewayRefund>;
  retrieve(gatewayRef: string): Promise<GatewayPayment>;
  /** Reads back a payment whose creation got no answer: searches the gateway's ledger since `since` for our reference. */
  findByReference(paymentId: string, since: Date): Promise<GatewayPayment | undefined>;
  /** Reads back a refund whose creation got no answer. */
  findRefund(gatewayRef: string, key: string): Promise<GatewayRefund | undefined>;
  /** Renews an open authorization before it lapses. The answer may be another payment, whose predecessor is then to be voided. */
  reauthorize?(request: AuthorizeRequest & { gatewayRef: string }): Promise<GatewayPayment>;
  /** One page of the gateway's ledger, oldest first within each kind: everything that happened in the span, in a stable order. */
  movements(request: { since: Date; until: Date; cursor?: string }): Promise<MovementPage>;
  /** Verifies the signature over the raw body. Throws DomainError `UNAUTHENTICATED` when it does not hold. */
  parseWebhook(rawBody: Uint8Array, headers: WebhookHeaders): Promise<GatewayEvent>;
  readonly disputes?: DisputeDesk;
  readonly vault?: PaymentVault;
}
