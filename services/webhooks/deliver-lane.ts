import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Lane } from '../../domain/webhooks/webhook-stores.ts';
import type { Work } from '../stores.ts';
import { sendDelivery, type SendDeps } from './send-delivery.ts';

/** A sender that has died is replaced after this. */
export const LEASE_MS = 60_000;
/** For so long a lease is used to begin a try: with the longest time-out of an endpoint (30 s) it is over well before the lease. */
export const BEGIN_WITHIN_MS = 20_000;

/**
 * How a lane stands after it was worked on. `parked`: its endpoint is paused or gone · `waiting`: nothing can be sent before `until`,
 * because of the endpoint as a whole, or of one delivery that was not taken.
 */
export type LaneStanding =
  | { readonly kind: 'empty' }
  | { readonly kind: 'parked' }
  | { readonly kind: 'waiting'; readonly until: Date; readonly because: 'endpoint' | 'delivery' };

/** Works on lanes. */
export interface LaneWorker {
  /**
   * Sends what can be sent now, one after the other, until `mayGoOn` says no. The caller holds the lease, and holds it still
   * afterwards. `now`: by this the time for tries is reckoned.
   */
  work(lane: Lane, options: { now: () => Date; mayGoOn: () => boolean }): Promise<LaneStanding>;
}

/** After so many failures one after the other somebody is told. */
const TELL_AFTER_FAILURES = 20;

/** Builds it over the stores and the sender. */
export function createLaneWorker(deps: SendDeps & { work: Work; newId: IdGenerator }): LaneWorker {
  const { work, newId } = deps;
  const { stores } = work;

  /** An operational event, once for each time that an endpoint begins to fail. */
  async function tellOfFailing(endpointId: string): Promise<void> {
    await work.transaction(async (inside) => {
      if (!(await inside.webhookEndpoints.tellFailing(endpointId, TELL_AFTER_FAILURES))) return;
      const endpoint = await inside.webhookEndpoints.get(endpointId);
      if (!endpoint) return;
      const { url, health } = endpoint;
      await inside.outbox.append({
        id: newId('event'),
        type: 'webhook_endpoint.failing',
        aggregateId: endpointId,
        payload: { endpointId, url, failures: health.failures, failingSince: health.failingSince?.toISOString() ?? null },
      });
    });
  }

  async function pause(endpointId: string, reason: string): Promise<void> {
    await work.transaction(async (inside) => {
      const endpoint = await inside.webhookEndpoints.lock(endpointId);
      if (endpoint?.status !== 'active') return;
      await inside.webhookEndpoints.pause(endpointId, reason);
      await inside.audit.append({ actor: 'system', action: 'webhook_endpoint.pause', subjectId: endpointId, detail: { reason } });
      await inside.outbox.append({ id: newId('event'), type: 'webhook_endpoint.paused', aggregateId: endpointId, payload: { endpointId, url: endpoint.url, reason } });
    });
  }

  return {
    async work(lane, { now, mayGoOn }) {
      for (;;) {
        const due = await stores.webhookLanes.next(lane);
        if (!due) return { kind: 'empty' };
        const { endpoint, secrets } = (await stores.webhookEndpoints.toSend(lane.endpointId)) ?? {};
        if (!endpoint || secrets === undefined) return { kind: 'parked' };
        const at = now();
        // How the endpoint's own address stands is nothing to a replay to another.
        const elsewhere = due.delivery.url !== null;
        if (endpoint.status !== 'active' && !elsewhere) return { kind: 'parked' };
        const { openUntil } = endpoint.health;
        if (openUntil !== null && openUntil > at && !elsewhere) return { kind: 'waiting', until: openUntil, because: 'endpoint' };
        const { nextAttemptAt } = due.delivery;
        if (nextAttemptAt > at && due.delivery.attempts > 0) return { kind: 'waiting', until: nextAttemptAt, because: 'delivery' };
        const slotInMs = endpoint.rateLimit === null || elsewhere ? 0 : await stores.webhookLanes.takeSlot(lane.endpointId, at);
        if (slotInMs > 0) return { kind: 'waiting', until: new Date(at.getTime() + slotInMs), because: 'endpoint' };
        if (!mayGoOn()) return { kind: 'waiting', until: at, because: 'endpoint' };
        const { pause: reason, ...tried } = await sendDelivery(due, endpoint, secrets, deps, now);
        await stores.webhookLanes.record(due.delivery.id, tried, now(), deps.speed);
        if (reason !== undefined) await pause(lane.endpointId, reason);
        if (tried.after.kind !== 'delivered' && !elsewhere && endpoint.health.failures + 1 >= TELL_AFTER_FAILURES) await tellOfFailing(lane.endpointId);
      }
    },
  };
}
