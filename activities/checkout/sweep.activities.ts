import { heartbeat } from '@temporalio/activity';
import type { ActorStarter } from '../../domain/checkout/actor-starter.ts';
import type { Stores } from '../../services/stores.ts';
import type { SweepActivities } from '../../temporal/contracts/sweep.ts';

const AT_ONCE = 200;
/** Longer than what a healthy worker needs. */
const STALE_SECONDS = 120;

/** Wakes what is past its time: see the workflow `sweepCheckouts`. */
export function createSweepActivities(deps: { stores: Pick<Stores, 'checkouts' | 'orders' | 'refunds'>; actors: ActorStarter }): SweepActivities {
  const { stores, actors } = deps;
  return {
    async wakeStaleCheckouts() {
      const stale = await stores.checkouts.stale(AT_ONCE);
      for (const [woken, checkout] of stale.entries()) {
        heartbeat(woken);
        await actors.notifyCheckout({ cartId: checkout.cartId, checkoutId: checkout.id, eventId: 'sweep' });
      }
      return { woken: stale.length };
    },
    async wakeStaleMoney() {
      const orders = await stores.orders.stale(STALE_SECONDS, AT_ONCE);
      for (const { orderId, paymentId } of orders) {
        heartbeat(orderId);
        await actors.notifyOrder({ orderId, paymentId, eventId: 'sweep' });
      }
      const refunds = await stores.refunds.stale(STALE_SECONDS, AT_ONCE);
      for (const refundId of refunds) {
        heartbeat(refundId);
        await actors.notifyRefund({ refundId, eventId: 'sweep' });
      }
      return { woken: orders.length + refunds.length };
    },
  };
}
