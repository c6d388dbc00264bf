import { heartbeat } from '@temporalio/activity';
import type { ActorStarter } from '../../domain/checkout/actor-starter.ts';
import type { CheckoutStore } from '../../domain/checkout/checkout-store.ts';
import type { SweepActivities } from '../../temporal/contracts/sweep.ts';

/** Wakes what is past its time: see the workflow `sweepCheckouts`. */
export const createSweepActivities = (deps: { checkouts: CheckoutStore; actors: ActorStarter }): SweepActivities => ({
  async wakeStaleCheckouts() {
    const stale = await deps.checkouts.stale(200);
    for (const [woken, checkout] of stale.entries()) {
      heartbeat(woken);
      await deps.actors.notifyCheckout({ cartId: checkout.cartId, checkoutId: checkout.id, eventId: 'sweep' });
    }
    return { woken: stale.length };
  },
});
