import { webhookSigner } from '../../adapters/http/webhook-signer.ts';
import { openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import type { StandingDelivery } from '../../domain/webhooks/delivery.ts';
import type { EventType } from '../../domain/webhooks/event-catalogue.ts';
import type { WebhookAnswer, WebhookRequest, WebhookSender } from '../../domain/webhooks/webhook-sender.ts';
import type { EndpointSettings, Lane } from '../../domain/webhooks/webhook-stores.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import type { Work } from '../../services/stores.ts';
import { createLaneWorker } from '../../services/webhooks/deliver-lane.ts';
import { createDeliveryDesk, type DeliveryDesk } from '../../services/webhooks/delivery-desk.ts';
import { createEventFanOut } from '../../services/webhooks/fan-out-events.ts';
import { createLaneActor, type LaneActor } from '../../services/webhooks/lane-actor.ts';
import { createLanePool } from '../../services/webhooks/lane-pool.ts';
import { createEventShaper } from '../../services/webhooks/shape-for-endpoint.ts';
import { startTestDatabase } from '../support/test-database.ts';
import { SETTINGS } from './webhook-stack.ts';

/** What sends webhooks, over a real database, with a clock that the test moves and without Temporal: it waits for nothing. */
export interface LaneStack {
  readonly database: Database;
  readonly work: Work;
  readonly desk: DeliveryDesk;
  readonly actor: LaneActor;
  /** Lanes that were given to an actor, which is not there. */
  readonly handedOver: Lane[];
  now(): Date;
  /** Lets so much time pass. */
  pass(milliseconds: number): void;
  endpoint(settings?: Partial<EndpointSettings>): Promise<string>;
  /** Writes one event and puts it on its lanes. */
  happen(aggregateId: string, options?: { type?: EventType; payload?: unknown }): Promise<string>;
  /** Sends everything that is due, but for what has an actor. */
  send(): Promise<void>;
  /** Of an endpoint, oldest first. */
  deliveries(endpointId: string): Promise<StandingDelivery[]>;
  close(): Promise<void>;
}

/** As an endpoint answers. */
export const answers = (status: number, headers: Readonly<Record<string, string>> = {}): WebhookAnswer => ({
  ...{ kind: 'answered', status, headers, body: '', truncated: false, durationMs: 1, remoteAddress: '192.0.2.1' },
});

const newId = createIdGenerator();

/** `send`: the sender, or how every request is answered. */
export async function startLaneStack(send: WebhookSender | ((request: WebhookRequest) => WebhookAnswer | Promise<WebhookAnswer>)): Promise<LaneStack> {
  const own = await startTestDatabase();
  const database = openDatabase({ url: own.url, poolSize: 8 });
  const work = createUnitOfWork(database);
  const sender: WebhookSender = typeof send === 'function' ? { send: async (request) => send(request), check: () => undefined } : send;
  const shaper = createEventShaper();
  const lanes = createLaneWorker({ work, newId, sender, signer: webhookSigner, shaper, random: () => 0.5, speed: 1 });
  const handedOver: Lane[] = [];
  let passed = 0;
  const now = (): Date => new Date(Date.now() + passed);
  const errors: unknown[] = [];
  const pool = createLanePool({
    ...{ work, lanes, now, atOnce: 16 },
    actors: { start: async (lane) => void handedOver.push(lane) },
    onFree: () => undefined,
    onError: (error) => errors.push(error),
  });
  const fanOut = createEventFanOut({ work, newId, shaper });
  return {
    database,
    work,
    desk: createDeliveryDesk({ work, sender, newId }),
    actor: createLaneActor({ work, lanes, clock: now }),
    handedOver,
    now,
    pass: (milliseconds) => void (passed += milliseconds),
    async endpoint(settings = {}) {
      const id = newId('webhookEndpoint');
      await work.transaction(async (stores) => {
        await stores.webhookEndpoints.insert({ ...SETTINGS, url: 'https://hooks.example/in', eventTypes: ['gift_card.*'], ...settings, id, createdBy: 'test' });
        await stores.webhookEndpoints.addSecret(id, { id: newId('webhookSecret'), secret: webhookSigner.newSecret() });
      });
      return id;
    },
    async happen(aggregateId, { type = 'gift_card.issued', payload = {} } = {}) {
      const id = newId('event');
      await work.transaction((stores) => stores.outbox.append({ id, type, aggregateId, payload }));
      while ((await fanOut()) > 0);
      return id;
    },
    async send() {
      do {
        await pool.idle();
      } while ((await pool.pump()) > 0);
      if (errors.length > 0) throw new AggregateError(errors, 'A lane could not be worked on');
    },
    deliveries: async (endpointId) => (await work.stores.webhookDeliveries.list({ first: 100 }, { endpointId })).items.toReversed(),
    async close() {
      await pool.close();
      await database.close();
      await own.close();
    },
  };
}
