import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { resolveTemporalCli } from '../temporal/runtime/temporal-cli.ts';
import { checkoutWorkflowId } from '../temporal/contracts/checkout.ts';
import { collectionWorkflowId } from '../temporal/contracts/collections.ts';
import { fulfillmentWorkflowId } from '../temporal/contracts/fulfillments.ts';
import { returnWorkflowId } from '../temporal/contracts/returns.ts';
import { orderWorkflowId } from '../temporal/contracts/orders.ts';
import { disputeWorkflowId } from '../temporal/contracts/disputes.ts';
import { incidentWorkflowId } from '../temporal/contracts/incidents.ts';
import { reconcileGatewayWorkflowId } from '../temporal/contracts/reconciliation.ts';
import { refundWorkflowId } from '../temporal/contracts/refunds.ts';
import { LEARN_WEIGHTS_WORKFLOW, LEARN_WEIGHTS_WORKFLOW_ID, SEARCH_UPKEEP_WORKFLOW } from '../temporal/contracts/search-upkeep.ts';
import { reindexWorkflowId } from '../temporal/contracts/search.ts';
import { TASK_QUEUES } from '../temporal/contracts/task-queues.ts';
import { ephemeral } from '../adapters/postgres/database.ts';
import { shippingEmulatorControl } from '../emulators/shipping/control.ts';
import { changed } from '../tests/orders/edit-commands.ts';
import { ask, deliverAll, fulfill } from '../tests/orders/order-commands.ts';
import { becomes, made, operate, shop } from '../tests/orders/return-commands.ts';
import { give, readOrder, refundEnded } from '../tests/payments/commands.ts';
import { seedProducts } from '../tests/search/seed-products.ts';
import { CANCEL, startStore, type ReadyCart, type TestStore } from '../tests/support/store.ts';
import { waitFor } from '../tests/support/wait-for.ts';
import { webhookSigner } from '../adapters/http/webhook-signer.ts';
import { deliveryWorkflowId } from '../temporal/contracts/deliveries.ts';
import { startReceiver } from '../tests/webhooks/receiver.ts';

/**
 * Runs each scenario on a store of its own and keeps the histories of its workflows as this release's. A history that is
 * there already is left alone: it stands for workflows that are running somewhere.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const back = { returnUrl: 'https://shop.example.com/back' };
const threeDSecure = { paymentMethod: 'pm_card_threeDSecure2Required', ...back };

const decide = (store: TestStore, checkoutId: string | undefined, decision: 'APPROVE' | 'REJECT'): Promise<unknown> =>
  store.admin('mutation D($input: FraudReviewDecideInput!) { fraudReviewDecide(input: $input) { __typename } }', { input: { checkoutId, decision, actor: 'recorder' } });

const cancelOrder = (store: TestStore, orderId: string | undefined): Promise<unknown> =>
  store.admin('mutation C($input: OrderCancelInput!) { orderCancel(input: $input) { __typename } }', { input: { orderId, reason: 'recorded', actor: 'recorder' } });

type Scenario = (store: TestStore, cart: ReadyCart) => Promise<{ orderId?: string | undefined; refundId?: string | undefined; fulfillmentId?: string | undefined; returnId?: string | undefined }>;

const checkouts: Record<string, Scenario> = {
  placed: async (store, cart) => ({ orderId: (await store.submit(cart)).order?.id }),
  declined: async (store, cart) => {
    await store.submit(cart, { paymentMethod: 'pm_card_visa_chargeDeclined' });
    return {};
  },
  'authenticated-placed': async (store, cart) => {
    const waiting = await store.submit(cart, threeDSecure);
    await store.authenticate(waiting.redirectUrl ?? '', 'complete');
    await waitFor(async () => (await store.activeCheckouts()) === 0, { what: 'the webhook to place the order' });
    return {};
  },
  'authentication-canceled': async (store, cart) => {
    await store.submit(cart, threeDSecure);
    await store.query(CANCEL, { token: cart.token }, { shopper: cart.shopper });
    return {};
  },
  'another-card': async (store, cart) => {
    await store.submit(cart, threeDSecure);
    await store.submit(cart);
    return {};
  },
  'review-approved': async (store, cart) => {
    const { checkoutId } = await store.submit(cart, { paymentMethod: 'pm_card_riskLevelElevated' });
    await decide(store, checkoutId, 'APPROVE');
    return {};
  },
  'review-rejected': async (store, cart) => {
    const { checkoutId } = await store.submit(cart, { paymentMethod: 'pm_card_riskLevelElevated' });
    await decide(store, checkoutId, 'REJECT');
    return {};
  },
  'gateway-silent': async (store, cart) => {
    await store.gateway.addFault({ match: { method: 'POST', path: '/v1/payment_intents' }, times: 1, effect: { kind: 'drop', stage: 'after' } });
    return { orderId: (await store.submit(cart)).order?.id };
  },
};

const orders: Record<string, Scenario> = {
  canceled: async (store, cart) => {
    const orderId = (await store.submit(cart)).order?.id;
    await cancelOrder(store, orderId);
    return { orderId };
  },
  'refunded-canceled': async (store, cart) => {
    const orderId = (await store.submit(cart)).order?.id ?? '';
    const { version } = await readOrder(store, orderId);
    const { refund } = await give(store, 'refund', { orderId, version, amount: 500, reason: 'recorded' });
    await refundEnded(store, refund?.id ?? '');
    await cancelOrder(store, orderId);
    return { orderId, refundId: refund?.id };
  },
  'captured-released-canceled': async (store, cart) => {
    await store.database.run(ephemeral("UPDATE channels SET capture_mode = 'manual'"));
    const orderId = (await store.submit(cart)).order?.id ?? '';
    const captured = await give(store, 'capture', { orderId, version: (await readOrder(store, orderId)).version, amount: 500 });
    await give(store, 'void', { orderId, version: captured.order?.version });
    await cancelOrder(store, orderId);
    await store.database.run(ephemeral("UPDATE channels SET capture_mode = 'automatic'"));
    return { orderId };
  },
  'parcel-delivered': async (store, cart) => {
    const shipping = shippingEmulatorControl(store.stack.shippingUrl ?? '');
    await store.database.run(ephemeral("UPDATE channels SET capture_mode = 'on_fulfillment', return_window_days = 0"));
    const orderId = (await store.submit(cart)).order?.id ?? '';
    const fulfillmentId = (await fulfill(store, orderId, { provider: 'parcel_carrier' })).fulfillments?.[0]?.id ?? '';
    for (const state of ['shipped', 'delivered'] as const) {
      await waitFor(
        async () => {
          for await (const { ref } of shipping.shipments({ reference: fulfillmentId })) return shipping.advance(ref, state);
          return undefined;
        },
        { what: 'the carrier to have the parcel' },
      );
    }
    await waitFor(async () => (await readOrder(store, orderId)).status === 'COMPLETED', { what: 'the order to be completed' });
    await store.database.run(ephemeral("UPDATE channels SET capture_mode = 'automatic', return_window_days = 30"));
    return { orderId, fulfillmentId };
  },
  'parcel-canceled': async (store, cart) => {
    const orderId = (await store.submit(cart)).order?.id ?? '';
    const fulfillmentId = (await fulfill(store, orderId, { provider: 'third_party_logistics' })).fulfillments?.[0]?.id ?? '';
    await cancelOrder(store, orderId);
    return { orderId, fulfillmentId };
  },
  'returned-completed': async (store, cart) => {
    const orderId = (await store.submit(cart)).order?.id ?? '';
    const { lines } = await deliverAll(store, { id: orderId });
    const orderLineId = lines[0]?.id;
    const asked = await shop(store, 'request', { cartToken: cart.token, lines: [{ orderLineId, quantity: 1, reason: 'OTHER' }] });
    const returnId = made(asked).id;
    await operate(store, 'approve', { returnId });
    await operate(store, 'receive', { returnId, units: [{ orderLineId, condition: 'NEW', quantity: 1 }] });
    await operate(store, 'settle', { returnId });
    const refundId = (await becomes(store, returnId, 'CLOSED')).refundId ?? '';
    await store.database.run(ephemeral('UPDATE channels SET return_window_days = 0'));
    await ask(store, 'note', { orderId, text: 'recorded' });
    await waitFor(async () => (await readOrder(store, orderId)).status === 'COMPLETED', { what: 'the order to be completed' });
    await store.database.run(ephemeral('UPDATE channels SET return_window_days = 30'));
    return { orderId, returnId, refundId };
  },
  'exchanged-canceled': async (store, cart) => {
    const orderId = (await store.submit(cart)).order?.id ?? '';
    const { lines } = await deliverAll(store, { id: orderId });
    const orderLineId = lines[0]?.id;
    const wanted = [{ variantId: Object.values(store.catalog.variants)[0]?.id, quantity: 1 }];
    const returnId = made(await operate(store, 'open', { orderId, kind: 'EXCHANGE', lines: [{ orderLineId, quantity: 1, reason: 'WRONG_ITEM' }], wanted })).id;
    await operate(store, 'cancel', { returnId, reason: 'recorded' });
    await store.database.run(ephemeral('UPDATE channels SET return_window_days = 0'));
    await ask(store, 'note', { orderId, text: 'recorded' });
    await waitFor(async () => (await readOrder(store, orderId)).status === 'COMPLETED', { what: 'the order to be completed' });
    await store.database.run(ephemeral('UPDATE channels SET return_window_days = 30'));
    return { orderId, returnId };
  },
};

/** Those of payments, that begin at a gateway or by an operator's command. */
const payments: Record<string, { workflow: string; run: (store: TestStore, cart: ReadyCart) => Promise<string> }> = {
  lost: {
    workflow: 'dispute',
    async run(store, cart) {
      const orderId = (await store.submit(cart)).order?.id ?? '';
      for await (const { paymentIntent } of store.gateway.ledger({ orderId })) {
        const disputeRef = await store.gateway.openDispute(paymentIntent, { reason: 'fraudulent' });
        await waitFor(async () => (await readOrder(store, orderId)) && (await store.admin<{ disputes: { nodes: unknown[] } }>('{ disputes(first: 1) { nodes { id } } }')).disputes.nodes.length > 0, {
          what: 'the dispute',
        });
        await store.gateway.settleDispute(disputeRef, 'lost');
        return disputeWorkflowId({ gateway: 'stripe', disputeRef });
      }
      throw new Error('The order has no payment');
    },
  },
  ignored: {
    workflow: 'incident',
    async run(store, cart) {
      const orderId = (await store.submit(cart)).order?.id ?? '';
      await store.gateway.addFault({ match: { method: 'POST', path: '/v1/refunds' }, times: 1, effect: { kind: 'status', status: 400, stage: 'before' } });
      const { version } = await readOrder(store, orderId);
      const { refund } = await give(store, 'refund', { orderId, version, amount: 500, reason: 'recorded' });
      await refundEnded(store, refund?.id ?? '');
      const incident = await waitFor(
        async () =>
          (await store.admin<{ paymentIncidents: { nodes: { id: string; kind: string }[] } }>('{ paymentIncidents(first: 50) { nodes { id kind } } }')).paymentIncidents.nodes.find(
            ({ kind }) => kind.toLowerCase() === 'refund_failed',
          ),
        { what: 'the incident' },
      );
      await store.admin('mutation A($input: IncidentActInput!) { paymentIncidentAct(input: $input) { __typename } }', {
        input: { id: incident.id, action: 'IGNORE', reason: 'recorded', actor: 'recorder' },
      });
      return incidentWorkflowId(incident.id);
    },
  },
  'authenticated-paid': {
    workflow: 'collection',
    async run(store, cart) {
      const orderId = (await store.submit(cart)).order?.id ?? '';
      const { balance } = await changed(store, orderId, [{ addLine: { variantId: store.catalog.variants['MUG']?.id, quantity: 1 } }]);
      const url = await waitFor(
        async () =>
          (
            await store.database.rows<{ url: string }>(
              ephemeral("SELECT payload ->> 'url' AS url FROM outbox_events WHERE type = 'order.balance_due' AND aggregate_id = $1"),
              [orderId],
            )
          )[0]?.url,
        { what: 'the link' },
      );
      const { answer } = await store.query<{ answer: { redirectUrl?: string } }>(
        'mutation P($input: OrderBalancePayInput!) { answer: orderBalancePay(input: $input) { ... on OrderBalanceActionRequired { redirectUrl } } }',
        { input: { token: url.split('/').at(-1), ...threeDSecure } },
      );
      await store.authenticate(answer.redirectUrl ?? '', 'complete');
      return collectionWorkflowId(balance?.id ?? '');
    },
  },
  agrees: {
    workflow: 'reconcileGateway',
    async run(store) {
      await store.admin('mutation R($input: ReconciliationRunInput!) { reconciliationRun(input: $input) { __typename } }', { input: { gateway: 'stripe', actor: 'recorder' } });
      return reconcileGatewayWorkflowId('stripe');
    },
  },
};

/** Rebuilds of a search index, and what keeps search up to date. Tells the workflow's id. */
const searches: Record<string, { workflow: string; run: (store: TestStore, client: Client) => Promise<string> }> = {
  done: { workflow: 'reindex', run: async (store) => ended(store, await rebuild(store), 'DONE') },
  canceled: {
    workflow: 'reindex',
    async run(store) {
      const name = await rebuild(store, { pauseMs: 60_000 });
      await filled(store, 500);
      await onEngine(store, 'Cancel');
      return ended(store, name, 'CANCELED');
    },
  },
  'dry-run-paced': {
    workflow: 'reindex',
    async run(store) {
      const name = await rebuild(store, { dryRun: true, pauseMs: 60_000 });
      await filled(store, 500);
      await onEngine(store, 'Pace', { pauseMs: 0 });
      return ended(store, name, 'DONE');
    },
  },
  'continued-done': {
    workflow: 'reindex',
    async run(store, client) {
      // So many batches that the server suggests a new run before the last.
      await seedProducts(store.database, 8_000, 600);
      const name = await rebuild(store, { pauseMs: 60_000 });
      await filled(store, 500);
      const handle = client.workflow.getHandle(REINDEX);
      const { runId } = await handle.describe();
      // Each change of the pace ends a step: soon the server suggests a new run.
      for (let pauseMs = 59_999; (await handle.describe()).runId === runId; pauseMs -= 1) {
        const { historyLength } = await handle.describe();
        await onEngine(store, 'Pace', { pauseMs });
        await waitFor(async () => (await handle.describe()).historyLength !== historyLength, { what: 'the step to end' });
      }
      await onEngine(store, 'Pace', { pauseMs: 0 });
      return ended(store, name, 'DONE');
    },
  },
  mended: {
    workflow: 'reindex',
    async run(store) {
      await store.database.run(ephemeral("DELETE FROM search_documents WHERE id = (SELECT min(id) FROM search_documents)"));
      return ended(store, await rebuild(store, { mendOnly: true }), 'DONE');
    },
  },
  'index-gone': {
    workflow: 'reindex',
    async run(store) {
      const name = await rebuild(store, { pauseMs: 60_000 });
      await filled(store, 500);
      await store.database.run(ephemeral('DELETE FROM search_indexes WHERE name = $1'), [name]);
      await onEngine(store, 'Pace', { pauseMs: 0 });
      return ended(store, name, 'FAILED');
    },
  },
  'brought-up-to-date': {
    workflow: SEARCH_UPKEEP_WORKFLOW,
    run: async (_, client) => (await client.workflow.start(SEARCH_UPKEEP_WORKFLOW, { workflowId: 'search-upkeep/recorded', taskQueue: TASK_QUEUES.search, args: [] })).workflowId,
  },
  'too-little-to-learn': {
    workflow: LEARN_WEIGHTS_WORKFLOW,
    run: async (_, client) => (await client.workflow.start(LEARN_WEIGHTS_WORKFLOW, { workflowId: LEARN_WEIGHTS_WORKFLOW_ID, taskQueue: TASK_QUEUES.search, args: [{ actor: 'recorder' }] })).workflowId,
  },
};

const REINDEX = reindexWorkflowId('postgres');

interface RecordedRebuild {
  readonly name: string;
  readonly phase: string;
  readonly written: number;
}

async function standing(store: TestStore): Promise<RecordedRebuild | undefined> {
  const { searchEngines } = await store.admin<{ searchEngines: { rebuild: RecordedRebuild | null }[] }>('{ searchEngines { rebuild { name phase written } } }');
  return searchEngines[0]?.rebuild ?? undefined;
}

const filled = (store: TestStore, products: number): Promise<unknown> => waitFor(async () => ((await standing(store))?.written ?? 0) >= products, { what: `${products} products to be written` });

async function ended(store: TestStore, name: string, phase: string): Promise<string> {
  await waitFor(
    async () => {
      const now = await standing(store);
      return now?.name === name && now.phase === phase;
    },
    { what: `${name} to be ${phase}`, timeoutMs: 300_000 },
  );
  return REINDEX;
}

async function rebuild(store: TestStore, input: Record<string, unknown> = {}): Promise<string> {
  const { answer } = await store.admin<{ answer: { name?: string } }>('mutation R($input: SearchReindexInput!) { answer: searchReindex(input: $input) { ... on SearchReindexPayload { name } } }', {
    input: { engine: 'POSTGRES', actor: 'recorder', ...input },
  });
  if (answer.name === undefined) throw new Error('There is a rebuild under way');
  return answer.name;
}

const onEngine = (store: TestStore, command: 'Cancel' | 'Pace', input: Record<string, unknown> = {}): Promise<unknown> =>
  store.admin(`mutation C($input: SearchReindex${command}Input!) { searchReindex${command}(input: $input) { __typename } }`, { input: { engine: 'POSTGRES', actor: 'recorder', ...input } });

/** An endpoint that does not take an event at first. */
async function refusedDelivery(store: TestStore): Promise<string> {
  const receiver = await startReceiver(webhookSigner.newSecret());
  try {
    receiver.answer((_event, attempt) => (attempt === 1 ? 503 : 204));
    const { answer } = await store.admin<{ answer: { endpoint: { id: string } } }>(
      'mutation E($input: WebhookEndpointCreateInput!) { answer: webhookEndpointCreate(input: $input) { ... on WebhookSecretPayload { endpoint { id } } } }',
      { input: { url: `${receiver.url}/recorded`, eventTypes: ['customer.created'], actor: 'recorder' } },
    );
    await store.database.run(ephemeral('UPDATE webhook_secrets SET secret = $1'), [receiver.secret]);
    const { made } = await store.admin<{ made: { customer: { id: string } } }>(
      'mutation C($input: CustomerCreateInput!) { made: customerCreate(input: $input) { ... on CustomerPayload { customer { id } } } }',
      { input: { email: 'recorded@example.com', actor: 'recorder' } },
    );
    await waitFor(async () => receiver.received.some(({ status }) => status === 204), { what: 'the second try', timeoutMs: 30_000 });
    return deliveryWorkflowId({ endpointId: answer.endpoint.id, lane: made.customer.id });
  } finally {
    await receiver.close();
  }
}

/** Keeps the history of a workflow that ends; of one that continued as new its last run, and how the first came to its end. */
async function keep(client: Client, workflowId: string, workflow: string, scenario: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  await handle.result().catch((error: unknown) => {
    if (!(error instanceof WorkflowFailedError)) throw error;
  });
  const { runId, raw } = await handle.describe();
  await keepRun(workflowId, runId, workflow, scenario);
  const firstRunId = raw.workflowExecutionInfo?.firstRunId;
  if (firstRunId && firstRunId !== runId) await keepRun(workflowId, firstRunId, workflow, `${scenario}-first`);
}

async function keepRun(workflowId: string, runId: string, workflow: string, scenario: string): Promise<void> {
  const path = join(root, 'tests/replay', workflow, `${version}-${scenario}.json`);
  const { address, namespace } = store.stack.temporal;
  // The CLI writes the JSON that Temporal's tools share.
  const { stdout: history } = await run(cli, ['workflow', 'show', '--workflow-id', workflowId, '--run-id', runId, '--namespace', namespace, '--address', address, '--output', 'json'], {
    maxBuffer: 16 * 1024 * 1024,
    timeout: 30_000,
  });
  mkdirSync(dirname(path), { recursive: true });
  try {
    // Where this repository lies is nobody's business.
    writeFileSync(path, history.replaceAll(realpathSync(join(root, 'node_modules')), '/app/node_modules').replaceAll(root, '/app/'), { flag: 'wx' });
    console.log(`recorded ${workflow}/${version}-${scenario}.json`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    console.log(`kept     ${workflow}/${version}-${scenario}.json`);
  }
}

const run = promisify(execFile);
const cli = await resolveTemporalCli({ onProgress: console.error });
const store = await startStore([{ sku: 'MUG', price: 1_999, stock: 1_000 }], { shipping: true, env: { WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' } });
const connection = await Connection.connect({ address: store.stack.temporal.address });
try {
  const client = new Client({ connection, namespace: store.stack.temporal.namespace });
  let shopper = 0;
  const cart = async (): Promise<ReadyCart> => store.readyCart((shopper += 1));
  for (const [name, scenario] of Object.entries(checkouts)) {
    const ready = await cart();
    await scenario(store, ready);
    await keep(client, checkoutWorkflowId(ready.id), 'checkout', name);
  }
  for (const [name, scenario] of Object.entries(orders)) {
    const { orderId, refundId, fulfillmentId, returnId } = await scenario(store, await cart());
    await keep(client, orderWorkflowId(orderId ?? ''), 'order', name);
    if (refundId !== undefined) await keep(client, refundWorkflowId(refundId), 'refund', name);
    if (fulfillmentId !== undefined) await keep(client, fulfillmentWorkflowId(fulfillmentId), 'fulfillment', name);
    if (returnId !== undefined) await keep(client, returnWorkflowId(returnId), 'orderReturn', name);
  }
  await keep(client, await refusedDelivery(store), 'delivery', 'refused-once');
  await seedProducts(store.database, 600);
  await waitFor(async () => (await standing(store))?.phase === 'DONE', { what: 'the first index' });
  for (const [name, { workflow, run: scenario }] of Object.entries(searches)) await keep(client, await scenario(store, client), workflow, name);
  for (const [name, { workflow, run: scenario }] of Object.entries(payments)) await keep(client, await scenario(store, await cart()), workflow, name);
} finally {
  await connection.close();
  await store.close();
}
