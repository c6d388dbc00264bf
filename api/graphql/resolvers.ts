import { analyticsResolvers as adminAnalytics } from './analytics/admin.ts';
import { catalogResolvers as adminCatalog } from './catalog/admin.ts';
import { channelResolvers as adminChannels } from './catalog/channels.ts';
import { catalogResolvers as storefrontCatalog } from './catalog/storefront.ts';
import { checkoutResolvers as adminCheckout } from './checkout/admin.ts';
import { fraudResolvers as adminFraud } from './checkout/fraud.ts';
import { checkoutResolvers as storefrontCheckout } from './checkout/storefront.ts';
import type { Resolvers as AdminResolvers } from './generated/admin.ts';
import type { Resolvers as StorefrontResolvers } from './generated/storefront.ts';
import { customerResolvers as adminCustomers } from './customers/admin.ts';
import { customerGroupResolvers as adminCustomerGroups } from './customers/groups.ts';
import { customerResolvers as storefrontCustomers } from './customers/storefront.ts';
import { orderEditResolvers as adminOrderEdits } from './order-edits/admin.ts';
import { orderEditResolvers as storefrontOrderEdits } from './order-edits/storefront.ts';
import { draftOrderResolvers as adminDraftOrders } from './draft-orders/admin.ts';
import { fulfillmentResolvers as adminFulfillments } from './orders/fulfillments.ts';
import { notificationResolvers as adminNotifications } from './notifications/admin.ts';
import { orderResolvers as adminOrders } from './orders/admin.ts';
import { orderResolvers as storefrontOrders } from './orders/storefront.ts';
import { timelineResolvers as adminTimeline } from './orders/timeline.ts';
import { returnResolvers as adminReturns } from './returns/admin.ts';
import { returnResolvers as storefrontReturns } from './returns/storefront.ts';
import { searchResolvers as adminSearch } from './search/admin.ts';
import { merchandisingResolvers as adminMerchandising } from './search/merchandising.ts';
import { shopperEventResolvers as storefrontShopperEvents } from './search/shopper-events.ts';
import { searchResolvers as storefrontSearch } from './search/storefront.ts';
import { storedValueResolvers as adminStoredValue } from './payments/stored-value.ts';
import { disputeResolvers as adminDisputes } from './payments/disputes.ts';
import { paymentResolvers as adminPayments } from './payments/admin.ts';
import { reconciliationResolvers as adminReconciliation } from './payments/reconciliation.ts';
import { webhookResolvers as adminWebhooks } from './webhooks/admin.ts';
import { mergeResolvers } from './merge-resolvers.ts';
import { scalars } from './scalars.ts';

/** All of the storefront schema. */
export const storefrontResolvers = mergeResolvers<StorefrontResolvers>(
  scalars,
  storefrontCatalog,
  storefrontCheckout,
  storefrontCustomers,
  storefrontOrderEdits,
  storefrontOrders,
  storefrontReturns,
  storefrontSearch,
  storefrontShopperEvents,
);

/** All of the admin schema. */
export const adminResolvers = mergeResolvers<AdminResolvers>(
  scalars,
  adminAnalytics,
  adminCatalog,
  adminChannels,
  adminCheckout,
  adminCustomers,
  adminCustomerGroups,
  adminDisputes,
  adminDraftOrders,
  adminFraud,
  adminFulfillments,
  adminMerchandising,
  adminNotifications,
  adminOrderEdits,
  adminOrders,
  adminPayments,
  adminReconciliation,
  adminReturns,
  adminSearch,
  adminStoredValue,
  adminTimeline,
  adminWebhooks,
);
