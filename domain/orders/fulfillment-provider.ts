import type { Address } from '../checkout/address.ts';
import type { Currency } from '../shared/money.ts';

/** Units of one article, as whoever packs them knows it. */
export interface ShippedUnits {
  readonly sku: string;
  readonly quantity: number;
}

/** What is in a parcel. */
export interface ParcelLine extends ShippedUnits {
  /** For the packing slip and the customs declaration. */
  readonly title: string;
}

/** A stock location, by the code under which the provider knows it. */
export interface ProviderLocation {
  readonly code: string;
  readonly name: string;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
}

/** What a provider is asked to carry, or to pack and carry: one parcel. */
export interface ParcelRequest {
  /** Idempotency key; the same key always asks for the same parcel. */
  readonly key: string;
  /** Our id, kept by the provider with the parcel so that either side can find the other. */
  readonly fulfillmentId: string;
  /** Printed on the label and the packing slip. */
  readonly orderNumber: string;
  /** The provider's name of how fast and how; its own default when absent. */
  readonly service?: string;
  readonly lines: readonly ParcelLine[];
  readonly from: ProviderLocation;
  readonly to: Address;
  /** What the contents are worth, in minor units, for insurance and customs. */
  readonly value: number;
  readonly currency: Currency;
}

/**
 * - `accepted`: a label was bought, or the warehouse has taken the order · `picking`, `packed`: in the warehouse
 * - `shipped`: handed over · `in_transit`: under way · `exception`: under way, and something keeps it from going on
 * - `delivered`, `returned_to_sender`, `canceled`: its end
 * - `rejected`: its end too: the provider looked closer after it had taken the request, and will not do it
 */
export type ProviderState =
  | 'accepted'
  | 'picking'
  | 'packed'
  | 'shipped'
  | 'in_transit'
  | 'exception'
  | 'delivered'
  | 'returned_to_sender'
  | 'canceled'
  | 'rejected';

/** A parcel as its provider tells it. */
export interface ProviderFulfillment {
  /** The provider's id of it. */
  readonly ref: string;
  readonly state: ProviderState;
  /** Who carries it, by the name that customers know. */
  readonly carrier?: string;
  readonly trackingNumber?: string;
  readonly trackingUrl?: string;
  readonly labelUrl?: string;
  readonly shippedAt?: Date;
  readonly deliveredAt?: Date;
  /** Why it is rejected, canceled, on its way back, or an exception. */
  readonly reason?: string;
  /** What has left, once it has and when the provider packs itself: it may be less than was asked. Absent: what was asked. */
  readonly shipped?: readonly ShippedUnits[];
}

/** A label for what a customer sends back. */
export interface ReturnLabelRequest {
  /** Idempotency key; the same key always asks for the same label. */
  readonly key: string;
  readonly returnId: string;
  readonly orderNumber: string;
  readonly service?: string;
  readonly lines: readonly ParcelLine[];
  readonly from: Address;
  readonly to: ProviderLocation;
}

export interface ReturnLabel {
  /** The provider's id of the parcel: `retrieve` and `cancel` take it as that of any other. */
  readonly ref: string;
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly trackingUrl: string;
  readonly labelUrl: string;
}

/** A verified inbound webhook: news of a parcel, which is read back before anything is made of it. */
export interface ProviderEvent {
  /** The provider's id of the event; one that comes again has the same. */
  readonly id: string;
  readonly type: string;
  /** When it happened at the provider. */
  readonly occurredAt: Date;
  /** The provider's id of the parcel. */
  readonly ref: string;
  /** Our id of what it is about: that of a fulfillment, or of a return. */
  readonly subject: { readonly kind: 'fulfillment' | 'return'; readonly id: string };
  readonly state: ProviderState;
}

/**
 * Why a call gave no usable answer.
 * - `ambiguous`: a time-out, a dropped connection or a 5xx: it may have been done; read back by reference before retrying.
 * - `rejected`: refused for good, as the message says why: an address it does not serve, an article it does not have.
 * - `limited`: refused before it was processed (429, key in use, credentials): retry with the same key after `retryAfterMs`.
 */
export class FulfillmentProviderError extends Error {
  readonly kind: 'ambiguous' | 'rejected' | 'limited';
  readonly retryAfterMs: number | undefined;

  constructor(kind: FulfillmentProviderError['kind'], message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'FulfillmentProviderError';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * Whoever carries a parcel (`carrier`), packs and carries it (`logistics`), or neither: an operator does (`manual`). Each method
 * does as few exchanges as the provider allows, each with a time-out, and never retries by itself: workflows do. All but
 * `parseWebhook` raise FulfillmentProviderError.
 */
export interface FulfillmentProvider {
  /** Lower case, as in `fulfillments.provider` and in the webhook's path. */
  readonly name: string;
  readonly kind: 'manual' | 'carrier' | 'logistics';
  /**
   * Hands the parcel over: buys its label, or orders it of the warehouse. The same key answers with the same parcel as it stands,
   * even when another address is asked for now.
   */
  request(request: ParcelRequest): Promise<ProviderFulfillment>;
  retrieve(ref: string): Promise<ProviderFulfillment>;
  /** Stops the parcel. When it is too late it answers with the present state instead of failing; canceling twice succeeds. */
  cancel(request: { key: string; ref: string }): Promise<ProviderFulfillment>;
  /** Reads back a parcel whose request got no answer; the newest when there are several. */
  findByReference(fulfillmentId: string): Promise<ProviderFulfillment | undefined>;
  /** Buys a label for what comes back; absent when the provider sells none. */
  returnLabel?(request: ReturnLabelRequest): Promise<ReturnLabel>;
  /** Verifies the signature over the raw body. Throws DomainError `UNAUTHENTICATED` when it does not hold. */
  parseWebhook(rawBody: Uint8Array, headers: ProviderWebhookHeaders): Promise<ProviderEvent>;
}

/** Headers of an inbound request, names in lower case. */
export type ProviderWebhookHeaders = Readonly<Record<string, string | undefined>>;
