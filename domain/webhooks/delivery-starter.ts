import type { Lane } from './webhook-stores.ts';

/** Starts the durable actors of lanes. Filled by `temporal/runtime/delivery-starter.ts`. */
export interface DeliveryStarter {
  /** Starts the lane's actor, or wakes it. */
  start(lane: Lane): Promise<void>;
}
