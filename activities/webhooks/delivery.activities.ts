import type { LaneActor } from '../../services/webhooks/lane-actor.ts';
import type { DeliveryActivities } from '../../temporal/contracts/deliveries.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

/** What the actors of lanes do. */
export const createDeliveryActivities = (actor: LaneActor): DeliveryActivities =>
  withFailures({
    deliverLane: ({ now, ...lane }) => whileHeartbeating(() => actor.deliver(lane, new Date(now))),
  } satisfies DeliveryActivities);
