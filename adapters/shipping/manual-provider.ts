import { MANUAL_PROVIDER } from '../../domain/orders/fulfillment.ts';
import type { FulfillmentProvider, ProviderFulfillment, ProviderState } from '../../domain/orders/fulfillment-provider.ts';
import { DomainError } from '../../domain/shared/errors.ts';

/**
 * An operator packs, ships, and types tracking numbers: nobody outside is asked, and the store's own record is the only one. So
 * a parcel is accepted whenever it is asked about, by our own id, and can always be stopped here: the record says whether it may.
 */
export function createManualProvider(): FulfillmentProvider {
  const as = (state: ProviderState, ref: string): ProviderFulfillment => ({ ref, state });
  return {
    name: MANUAL_PROVIDER,
    kind: 'manual',
    request: async ({ fulfillmentId }) => as('accepted', fulfillmentId),
    retrieve: async (ref) => as('accepted', ref),
    cancel: async ({ ref }) => as('canceled', ref),
    findByReference: async (fulfillmentId) => as('accepted', fulfillmentId),
    parseWebhook: async () => {
      throw new DomainError('UNAUTHENTICATED', 'Operators send no webhooks');
    },
  };
}
