import { createPaymentActivities } from '../activities/payments/payment.activities.ts';
import { createCheckoutActivities } from '../activities/checkout/checkout.activities.ts';
import { createSweepActivities } from '../activities/checkout/sweep.activities.ts';
import { createOrderActivities } from '../activities/orders/order.activities.ts';
import type { ActorStarter } from '../domain/checkout/actor-starter.ts';
import type { PaymentGateway } from '../domain/payments/gateway.ts';
import type { IdGenerator } from '../domain/shared/ids.ts';
import { createKeyedHash } from '../services/checkout/cart-tokens.ts';
import { createCheckoutService } from '../services/checkout/checkout-service.ts';
import { createOrderService } from '../services/orders/order-service.ts';
import { createPaymentService } from '../services/payments/payment-service.ts';
import { createGatewayEventRouter } from '../services/payments/route-gateway-events.ts';
import { createOrderActorStarter } from '../services/webhooks/start-order-actors.ts';
import type { Work } from '../services/stores.ts';

/** What a worker does, put together: the activities of each task queue and the batches of its relays. */
export function createWorkerServices(deps: { work: Work; gateway: PaymentGateway; actors: ActorStarter; newId: IdGenerator; hashSecret: string }) {
  const { work, gateway, actors, newId } = deps;
  const now = (): Date => new Date();
  const payments = createPaymentService({ work, gateway });
  const orders = createOrderService({ work, newId });
  const checkouts = createCheckoutService({ work, newId, now, keyedHash: createKeyedHash(deps.hashSecret), gateway: gateway.name });
  const paymentActivities = createPaymentActivities({ payments, checkouts });
  return {
    activities: {
      checkout: { ...createCheckoutActivities({ checkouts, orders }), ...paymentActivities },
      orders: {
        ...createOrderActivities(orders),
        ...createSweepActivities({ checkouts: work.stores.checkouts, actors }),
        ...paymentActivities,
      },
    },
    relays: {
      orderActors: createOrderActorStarter({ work, actors }),
      gatewayEvents: createGatewayEventRouter({ work, actors, newId, now }),
    },
  };
}
