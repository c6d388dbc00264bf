import type { ProviderParcels } from '../../services/orders/provider-parcels.ts';
import type { FulfillmentActivities } from '../../temporal/contracts/fulfillments.ts';
import { withFailures } from '../failures.ts';

/** What is said to carriers and warehouses. */
export const createFulfillmentActivities = (parcels: ProviderParcels): FulfillmentActivities =>
  withFailures({
    advanceFulfillment: async ({ fulfillmentId }) => ({ status: await parcels.advance(fulfillmentId) }),
    cancelFulfillment: async ({ fulfillmentId, ...asked }) => ({ status: await parcels.cancel(fulfillmentId, asked) }),
    stopFulfillments: ({ orderId, ...asked }) => parcels.stop(orderId, asked),
  } satisfies FulfillmentActivities);
