import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  FulfillmentProviderError,
  type FulfillmentProvider,
  type ParcelRequest,
  type ProviderFulfillment,
  type ProviderState,
} from '../../../domain/orders/fulfillment-provider.ts';

/** A webhook as it came. */
export interface WebhookDelivery {
  readonly rawBody: Uint8Array;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export type ProviderCall = 'request' | 'cancel' | 'retrieve';

/** A provider and the truth on its other side. */
export interface ProviderTarget {
  readonly provider: FulfillmentProvider;
  /** The same provider as if it were this time. */
  at(now: Date): FulfillmentProvider;
  /** The states that a parcel goes through when all goes well, from the first after `accepted` on. */
  readonly way: readonly ProviderState[];
  /** The first of them from which on it is too late to cancel. */
  readonly tooLateFrom: ProviderState;
  /** Whether a refusal comes with the answer; otherwise it is heard of later. */
  readonly refusesAtOnce: boolean;
  /** How many parcels the provider has for our id. */
  parcels(fulfillmentId: string): Promise<number>;
  move(ref: string, state: ProviderState, reason?: string): Promise<void>;
  refuseNext(reason: string): Promise<void>;
  /** Only when it packs itself: says what will leave. */
  readonly shortShip?: (ref: string, quantities: Readonly<Record<string, number>>) => Promise<void>;
  /** The call is carried out, and its answer lost. */
  dropAnswers(call: ProviderCall, times: number): Promise<void>;
  /** The call is carried out, and its answer never comes. */
  hangAnswers(call: ProviderCall, times: number): Promise<void>;
  /** The call waits in the midst of being carried out; resolves once one does. */
  holdNext(call: ProviderCall): Promise<{ waiting(): Promise<boolean>; release(): Promise<void> }>;
  failBefore(call: ProviderCall, status: number, retryAfterSeconds?: number): Promise<void>;
  clearFaults(): Promise<void>;
  /** What the provider has sent to us. */
  webhooks(): readonly WebhookDelivery[];
  close(): Promise<void>;
}

export type StartTarget = () => Promise<ProviderTarget>;

export interface Bench {
  target(): ProviderTarget;
  asked(more?: Partial<ParcelRequest>): ParcelRequest;
  /** A parcel that the provider has. */
  accepted(more?: Partial<ParcelRequest>): Promise<{ asked: ParcelRequest; parcel: ProviderFulfillment }>;
}

export const ADDRESS = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  line1: '12 St James’s Square',
  city: 'London',
  postalCode: 'SW1Y 4JH',
  countryCode: 'GB',
  phone: '+44 20 7946 0000',
};

export const LOCATION = { code: 'BER', name: 'Berlin', countryCode: 'DE' };

export function createBench(target: () => ProviderTarget): Bench {
  const asked: Bench['asked'] = (more = {}) => {
    const fulfillmentId = `ful_${randomUUID()}`;
    return {
      key: `${fulfillmentId}/request`,
      fulfillmentId,
      orderNumber: 'D-1001',
      lines: [
        { sku: 'MUG', title: 'Mug “Analytical Engine”', quantity: 3 },
        { sku: 'TEE', title: 'T-shirt', quantity: 1 },
      ],
      from: LOCATION,
      to: ADDRESS,
      value: 5_900,
      currency: 'EUR',
      ...more,
    };
  };
  return {
    target,
    asked,
    async accepted(more) {
      const request = asked(more);
      const parcel = await target().provider.request(request);
      assert.equal(parcel.state, 'accepted');
      return { asked: request, parcel };
    },
  };
}

/** Checks that an error is a FulfillmentProviderError of this kind. */
export const providerError =
  (kind: FulfillmentProviderError['kind'], message?: RegExp) =>
  (error: unknown): true => {
    assert.ok(error instanceof FulfillmentProviderError, `a FulfillmentProviderError, not ${String(error)}`);
    assert.equal(error.kind, kind, error.message);
    if (message) assert.match(error.message, message);
    return true;
  };
