import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { createStripeGateway } from '../../adapters/stripe/stripe-gateway.ts';
import { pool } from '../../bench/statistics.ts';
import type { GatewayPayment, PaymentGateway, PaymentReference } from '../../domain/payments/gateway.ts';
import { connectClient } from '../../temporal/runtime/connection.ts';
import { RECONCILE_SCHEDULE } from '../../temporal/contracts/reconciliation.ts';
import { checkoutWorkflowId } from '../../temporal/contracts/checkout.ts';
import { assertBooks } from '../support/books.ts';
import { bookManyPayments } from '../support/payment-books.ts';
import { startStore, type ReadyCart, type SubmitAnswer, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';

const CHALLENGE = 'pm_card_threeDSecureRequired';

let store: TestStore;
let stripe: PaymentGateway;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: 1_000 }], {
    env: { RECONCILIATION_SETTLE_SECONDS: '0', RECONCILIATION_INTERVAL_SECONDS: '86400' },
  });
  // Nothing that the gateway tells ever arrives.
  await store.gateway.setWebhookEndpoint(null);
  stripe = createStripeGateway({
    apiKey: 'sk_test_emulator',
    webhookSecret: 'whsec_unused',
    baseUrl: store.stack.stripe.url,
    timeoutMs: 5_000,
  });
});

afterEach(async () => {
  await store.gateway.clearFaults();
});

after(async () => {
  await store.close();
});

interface Run {
  readonly id: string;
  readonly status: string;
  readonly movements: number;
  readonly payments: number;
  readonly healed: number;
  readonly incidents: number;
  readonly error: string | null;
}

const RUN = '{ id status movements payments healed incidents error }';

async function startRun(): Promise<string> {
  const { reconciliationRun: answer } = await store.admin<{ reconciliationRun: { __typename: string; run: Run } }>(
    `mutation { reconciliationRun(input: { gateway: "stripe", actor: "ada" }) { __typename ... on ReconciliationRunPayload { run ${RUN} } ... on InputError { code message } } }`,
  );
  assert.equal(answer.__typename, 'ReconciliationRunPayload', JSON.stringify(answer));
  return answer.run.id;
}

async function ended(runId: string): Promise<Run> {
  return waitFor(
    async () => {
      const { reconciliationRuns } = await store.admin<{ reconciliationRuns: { nodes: Run[] } }>(
        `{ reconciliationRuns(first: 5, gateway: "stripe") { nodes ${RUN} } }`,
      );
      const run = reconciliationRuns.nodes.find(({ id }) => id === runId);
      return run?.status === 'RUNNING' ? undefined : run;
    },
    { what: 'the reconciliation to end', timeoutMs: 60_000 },
  );
}

async function reconcile(): Promise<Run> {
  const run = await ended(await startRun());
  assert.equal(run.status, 'COMPLETED', run.error ?? undefined);
  return run;
}

interface PaymentIncident {
  readonly id: string;
  readonly kind: string;
  readonly paymentRef: string | null;
  readonly amount: { amount: number; currency: string } | null;
  readonly cause: string;
  readonly nextAction: string;
  readonly actions: readonly string[];
  readonly resolvedAt: string | null;
  readonly resolution: string | null;
}

const INCIDENT = '{ id kind paymentRef amount { amount currency } cause nextAction actions resolvedAt resolution }';

async function incidentOf(gatewayRef: string): Promise<PaymentIncident> {
  const { paymentIncidents } = await store.admin<{ paymentIncidents: { nodes: PaymentIncident[] } }>(
    `{ paymentIncidents(open: true, kind: UNKNOWN_PAYMENT) { nodes ${INCIDENT} } }`,
  );
  const incident = paymentIncidents.nodes.find(({ paymentRef }) => paymentRef === gatewayRef);
  assert.ok(incident, `an incident of ${gatewayRef}`);
  return incident;
}

interface ActAnswer {
  readonly __typename: string;
  readonly code?: string;
  readonly incident?: PaymentIncident;
}

async function act(id: string, action: string, more: { orderId?: string } = {}): Promise<ActAnswer> {
  const { paymentIncidentAct } = await store.admin<{ paymentIncidentAct: ActAnswer }>(
    `mutation Act($input: IncidentActInput!) { paymentIncidentAct(input: $input) { __typename ... on PaymentIncidentPayload { incident ${INCIDENT} } ... on InputError { code message } } }`,
    { input: { id, action, reason: 'a test', actor: 'ada', ...more } },
  );
  return paymentIncidentAct;
}

const FOREIGN: PaymentReference = { cartId: 'elsewhere', checkoutId: 'elsewhere', orderId: 'elsewhere', paymentId: 'elsewhere' };

async function foreignPayment(amount: number): Promise<GatewayPayment> {
  const key = `foreign/${amount}/${(shopper += 1)}`;
  return stripe.authorize({
    key,
    amount,
    currency: 'USD',
    paymentMethod: 'pm_card_visa',
    captureMethod: 'automatic',
    reference: FOREIGN,
  });
}

/** A shopper who passes the challenge and is never seen again. */
async function leftBehind(): Promise<{ cart: ReadyCart; answer: SubmitAnswer }> {
  const cart = await store.readyCart((shopper += 1));
  const answer = await store.submit(cart, { paymentMethod: CHALLENGE, returnUrl: 'https://shop.example.com/back' });
  assert.equal(answer.__typename, 'CheckoutActionRequired', JSON.stringify(answer));
  return { cart, answer };
}

const ordersOf = async (cartIds: readonly string[]): Promise<number> => {
  const [row] = await store.database.rows<{ orders: number }>(
    ephemeral('SELECT count(*)::int AS orders FROM orders WHERE cart_id = ANY($1)'),
    [cartIds],
  );
  return row?.orders ?? 0;
};

test('all webhooks lost and the clients gone: one run makes an order of every paid checkout', async () => {
  const left = await Promise.all(Array.from({ length: 12 }, leftBehind));
  await pool(left.length, 4, async (index) => {
    assert.ok(await store.authenticate(left[index]?.answer.redirectUrl ?? '', 'complete'));
  });
  const carts = left.map(({ cart }) => cart.id);
  assert.equal(await ordersOf(carts), 0, 'nobody has told the store');
  const run = await reconcile();
  assert.equal(run.healed, 12);
  await waitFor(async () => (await ordersOf(carts)) === 12, { what: 'an order for every payment' });
  await assertBooks(store);
});

test('a checkout that ended while its payment was made gets its money back', async () => {
  const { cart, answer } = await leftBehind();
  const { client, connection } = await connectClient(store.stack.config);
  try {
    // Cancelled while the gateway refuses to hear of it; between two tries to give the money back the workflow is lost.
    const cancel = '/v1/payment_intents/*/cancel';
    const fault = await store.gateway.addFault({
      match: { method: 'POST', path: cancel },
      effect: { kind: 'status', status: 503, stage: 'before' },
    });
    const mutation = 'mutation Cancel($token: String!) { checkoutCancel(cartToken: $token) { __typename } }';
    await store.query(mutation, { token: cart.token }, { shopper: cart.shopper });
    await waitFor(async () => (await store.gateway.faults()).some(({ id, applied }) => id === fault && applied >= 2), {
      what: 'a first try to give the money back',
      everyMs: 5,
    });
    await client.workflow.getHandle(checkoutWorkflowId(cart.id)).terminate('lost in a test');
  } finally {
    await connection.close();
  }
  await store.gateway.clearFaults();
  assert.ok(await store.authenticate(answer.redirectUrl ?? '', 'complete'));
  assert.equal((await reconcile()).healed, 1);
  const [row] = await store.database.rows<{ orderId: string }>(
    ephemeral('SELECT order_id AS "orderId" FROM checkouts WHERE cart_id = $1'),
    [cart.id],
  );
  await waitFor(
    async () => {
      for await (const { captured, net } of store.gateway.ledger({ orderId: row?.orderId ?? '' }))
        if (captured > 0 && net === 0) return true;
      return undefined;
    },
    { what: 'the money to go back' },
  );
  assert.equal(await ordersOf([cart.id]), 0);
  await assertBooks(store);
});

test("a refund made in the gateway's dashboard is written down", async () => {
  const cart = await store.readyCart((shopper += 1));
  const { order } = await store.submit(cart);
  assert.ok(order);
  const [row] = await store.database.rows<{ gatewayRef: string }>(
    ephemeral('SELECT gateway_ref AS "gatewayRef" FROM payments WHERE order_id = $1'),
    [order.id],
  );
  const { gatewayRef, captures, captured } = await stripe.retrieve(row?.gatewayRef ?? '');
  await stripe.refund({
    key: `by-hand/${order.id}`,
    gatewayRef,
    captureRef: captures[0]?.ref ?? '',
    amount: captured,
    currency: 'USD',
  });
  await reconcile();
  const { order: seen } = await store.admin<{ order: { paymentStatus: string } }>(
    'query Order($id: ID!) { order(id: $id) { paymentStatus } }',
    { id: order.id },
  );
  assert.equal(seen.paymentStatus, 'REFUNDED');
});

test('an unknown payment is told with its cause and its next action; two operators refund it once', async () => {
  const payment = await foreignPayment(4_200);
  await reconcile();
  const incident = await incidentOf(payment.gatewayRef);
  assert.deepEqual(
    [incident.amount, incident.actions],
    [{ amount: 4_200, currency: 'USD' }, ['RETRY', 'ADOPT', 'REFUND', 'IGNORE']],
  );
  const answers = await Promise.all([act(incident.id, 'REFUND'), act(incident.id, 'REFUND'), act(incident.id, 'REFUND')]);
  for (const answer of answers) assert.equal(answer.__typename, 'PaymentIncidentPayload', JSON.stringify(answer));
  assert.equal((await stripe.retrieve(payment.gatewayRef)).refunded, 4_200);
  const [row] = await store.database.rows<{ operations: number; audits: number }>(
    ephemeral(`SELECT (SELECT count(*)::int FROM incident_operations WHERE incident_id = $1) AS operations,
      (SELECT count(*)::int FROM audit_log WHERE subject_id = $1) AS audits`),
    [incident.id],
  );
  assert.deepEqual(row, { operations: 1, audits: 1 });
  assert.equal((await act(incident.id, 'IGNORE')).code, 'INVALID_TRANSITION');
});

test('while a refund is under way, another action is refused; the refund survives a killed worker', async () => {
  const payment = await foreignPayment(4_300);
  await reconcile();
  const { id } = await incidentOf(payment.gatewayRef);
  const held = await store.gateway.addFault({
    match: { method: 'POST', path: '/v1/refunds' },
    times: 1,
    effect: { kind: 'hold', stage: 'after' },
  });
  const refund = act(id, 'REFUND');
  await waitFor(async () => (await store.gateway.faults()).some((fault) => fault.id === held && fault.held > 0), {
    what: 'the gateway to have the refund',
    everyMs: 5,
  });
  assert.equal((await act(id, 'IGNORE')).code, 'INVALID_TRANSITION');
  await store.worker.kill();
  await store.gateway.clearFaults();
  await store.worker.restart();
  assert.equal((await refund).__typename, 'PaymentIncidentPayload');
  assert.equal((await stripe.retrieve(payment.gatewayRef)).refunded, 4_300, 'once');
});

test('ADOPT, RETRY and IGNORE', async () => {
  const { order } = await store.submit(await store.readyCart((shopper += 1)));
  assert.ok(order);
  const [adopted, retried, ignored] = [await foreignPayment(4_400), await foreignPayment(4_500), await foreignPayment(4_600)];
  await reconcile();

  const toAdopt = await incidentOf(adopted.gatewayRef);
  assert.equal((await act(toAdopt.id, 'ADOPT')).code, 'INVALID_INPUT', 'an order must be named');
  const both = await Promise.all([
    act(toAdopt.id, 'ADOPT', { orderId: order.id }),
    act(toAdopt.id, 'ADOPT', { orderId: order.id }),
  ]);
  for (const answer of both) assert.equal(answer.__typename, 'PaymentIncidentPayload', JSON.stringify(answer));
  const rows = await store.database.rows<{ captured: number }>(
    ephemeral('SELECT captured FROM payments WHERE order_id = $1 AND gateway_ref = $2'),
    [order.id, adopted.gatewayRef],
  );
  assert.deepEqual(rows, [{ captured: 4_400 }]);

  const toRetry = await incidentOf(retried.gatewayRef);
  assert.equal((await act(toRetry.id, 'RETRY')).incident?.resolvedAt, null);
  await stripe.refund({
    key: 'by-hand/4500',
    gatewayRef: retried.gatewayRef,
    captureRef: retried.captures[0]?.ref ?? '',
    amount: 4_500,
    currency: 'USD',
  });
  assert.notEqual((await act(toRetry.id, 'RETRY')).incident?.resolvedAt, null);

  const toIgnore = await incidentOf(ignored.gatewayRef);
  assert.equal((await act(toIgnore.id, 'IGNORE')).incident?.resolution, 'Ignored: a test');
  assert.equal((await reconcile()).incidents, 0, 'what was dealt with is not told again');
});

test('the schedule reconciles every gateway; the fault of one is its own', async () => {
  const latest = async (gateway: string): Promise<{ status: string; error: string | null } | undefined> =>
    (
      await store.database.rows<{ status: string; error: string | null }>(
        ephemeral('SELECT status, error FROM reconciliation_runs WHERE gateway = $1 ORDER BY id DESC LIMIT 1'),
        [gateway],
      )
    )[0];
  await store.gateway.addFault({
    match: { method: 'GET', path: '/v1/balance_transactions' },
    effect: { kind: 'status', status: 500, stage: 'before' },
  });
  const { client, connection } = await connectClient(store.stack.config);
  try {
    await client.schedule.getHandle(RECONCILE_SCHEDULE).trigger();
  } finally {
    await connection.close();
  }
  await waitFor(async () => (await latest('manual'))?.status === 'completed', { what: 'the manual gateway to be reconciled' });
  assert.equal((await latest('stripe'))?.status, 'running', 'it waits for the gateway');
  await store.gateway.clearFaults();
  await waitFor(async () => (await latest('stripe'))?.status === 'completed', {
    what: 'Stripe to be reconciled',
    timeoutMs: 60_000,
  });
});

test('a worker killed in the middle of the ledger: the run goes on where it stood', async () => {
  const PAYMENTS = 1_500;
  await store.gateway.seedPayments({ name: 'bulk', payments: PAYMENTS, amount: 1_000, currency: 'usd' });
  await bookManyPayments(store.database, store.catalog.channelId, { name: 'bulk', payments: PAYMENTS, amount: 1_000 });
  const path = '/v1/balance_transactions';
  const runId = await startRun();
  await waitFor(
    async () =>
      (await store.database.rows(ephemeral('SELECT 1 FROM reconciliation_runs WHERE id = $1 AND movements >= 300'), [runId]))
        .length > 0,
    { what: 'some pages', everyMs: 5 },
  );
  const held = await store.gateway.addFault({
    match: { method: 'GET', path },
    times: 1,
    effect: { kind: 'hold', stage: 'before' },
  });
  await waitFor(async () => (await store.gateway.faults()).some((fault) => fault.id === held && fault.held > 0), {
    what: 'a page to be asked for',
    everyMs: 5,
  });
  await store.worker.kill();
  await store.gateway.clearFaults();
  const asked = (await store.gateway.requests(1_000)).filter((request) => request.path === path).length;
  await store.worker.restart();
  const run = await ended(runId);
  assert.equal(run.status, 'COMPLETED', run.error ?? undefined);
  assert.ok(run.movements >= PAYMENTS && run.payments >= PAYMENTS, JSON.stringify(run));
  const [row] = await store.database.rows<{ movements: number }>(
    ephemeral("SELECT count(*)::int AS movements FROM gateway_movements WHERE id LIKE 'txn_bulk_%' AND payment_id IS NOT NULL"),
  );
  assert.equal(row?.movements, PAYMENTS, 'each movement once, and with its payment');
  assert.ok(asked > 1);
});
