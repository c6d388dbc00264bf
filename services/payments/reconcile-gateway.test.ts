import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ephemeral, openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import { createStripeGateway } from '../../adapters/stripe/stripe-gateway.ts';
import type { ActorStarter } from '../../domain/checkout/actor-starter.ts';
import type { Incident, NewIncident } from '../../domain/orders/incident.ts';
import { GatewayError, type GatewayPayment, type PaymentGateway } from '../../domain/payments/gateway.ts';
import { createGateways } from '../../domain/payments/gateways.ts';
import type { GatewayMovement } from '../../domain/payments/movement.ts';
import type { IncidentCommand } from '../../domain/payments/incident-action.ts';
import type { ReconciliationRun } from '../../domain/payments/reconciliation.ts';
import { stripeEmulatorControl } from '../../emulators/stripe/control.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { fillStore } from '../../tests/support/demo-catalog.ts';
import { bookPayment } from '../../tests/support/payment-books.ts';
import { startStack, type Stack } from '../../tests/support/stack.ts';
import type { Work } from '../stores.ts';
import { createAdoptPayment } from './incidents/adopt-payment.ts';
import { createPaymentIncidents, type PaymentIncidents } from './incidents/payment-incidents.ts';
import { createRetryIncident } from './incidents/retry-incident.ts';
import { createReturnUnknownPayment } from './incidents/return-unknown-payment.ts';
import { createGatewayReconciler, type GatewayReconciler } from './reconcile-gateway.ts';
import { createPaymentRefresher } from './refresh-payment.ts';

let stack: Stack;
let database: Database;
let work: Work;
let stripe: PaymentGateway;
let channelId: string;
let reconciler: GatewayReconciler;
let incidents: PaymentIncidents;
/** Who was woken: `checkout <id>`, `order <id>`, `refund <id>`. */
let woken: string[] = [];

const newId = createIdGenerator();

const actors: ActorStarter = {
  async notifyCheckout({ checkoutId }) {
    woken.push(`checkout ${checkoutId}`);
  },
  async startOrder(orderId) {
    woken.push(`order ${orderId}`);
  },
  async notifyOrder({ orderId }) {
    woken.push(`order ${orderId}`);
  },
  async notifyRefund({ refundId }) {
    woken.push(`refund ${refundId}`);
  },
};

/** The reconciliation over some gateway named stripe, and what operators do about what it finds. */
function over(gateway: PaymentGateway): { reconciler: GatewayReconciler; incidents: PaymentIncidents } {
  const gateways = createGateways([gateway]);
  const refresher = createPaymentRefresher({ work, gateways, newId });
  const money = {
    async retryRefund(refundId: string) {
      woken.push(`retry ${refundId}`);
    },
    async captureOrder(orderId: string) {
      woken.push(`capture ${orderId}`);
    },
  };
  return {
    reconciler: createGatewayReconciler({
      work,
      gateways,
      actors,
      refresher,
      newId,
      now: () => new Date(Date.now() + 1000),
      overlapMinutes: 60,
      settleSeconds: 0,
    }),
    incidents: createPaymentIncidents({
      work,
      retry: createRetryIncident({ work, gateways, actors, refresher, money, parcels: { notify: async () => undefined } }),
      compensate: () => Promise.reject(new Error('not asked')),
      adopt: createAdoptPayment({ work, gateways, actors, newId }),
      giveBack: createReturnUnknownPayment({ work, gateways }),
    }),
  };
}

before(async () => {
  stack = await startStack();
  database = openDatabase({ url: stack.databaseUrl, poolSize: 4 });
  work = createUnitOfWork(database);
  channelId = (await fillStore(database, [])).channelId;
  stripe = createStripeGateway({
    apiKey: 'sk_test_emulator',
    webhookSecret: 'whsec_unused',
    baseUrl: stack.stripe.url,
    timeoutMs: 5_000,
  });
  ({ reconciler, incidents } = over(stripe));
});

after(async () => {
  await database.close();
  await stack.close();
});

beforeEach(async () => {
  woken = [];
  const tables =
    'incident_operations, gateway_movements, reconciliation_runs, incidents, refund_parts, refunds, payment_operations, payments, orders, checkouts, carts';
  await database.run(ephemeral(`TRUNCATE ${tables} CASCADE`));
  await stripeEmulatorControl(stack.stripe.url).reset();
});

async function reconcile(by: GatewayReconciler = reconciler): Promise<ReconciliationRun> {
  const { id } = await by.begin({ gateway: 'stripe', actor: 'test' });
  assert.ok(await by.advance(id, 1000), 'the run ends');
  const run = await work.stores.reconciliation.get(id);
  assert.ok(run);
  return run;
}

const openIncidents = async (): Promise<readonly Incident[]> => (await work.stores.incidents.list({}, { open: true })).items;

const theOpenIncident = async (): Promise<Incident> => {
  const [incident, ...others] = await openIncidents();
  assert.ok(incident);
  assert.equal(others.length, 0);
  return incident;
};

/** A payment at the gateway, with our reference or without. */
async function pay(
  reference = { cartId: 'x', checkoutId: 'x', orderId: 'x', paymentId: 'x' },
  captureMethod: 'automatic' | 'manual' = 'automatic',
): Promise<GatewayPayment> {
  const payment = await stripe.authorize({
    key: newId('request'),
    amount: 1000,
    currency: 'USD',
    paymentMethod: 'pm_card_visa',
    captureMethod,
    reference,
  });
  assert.equal(payment.state, captureMethod === 'automatic' ? 'captured' : 'authorized');
  return payment;
}

async function refundByHand(payment: GatewayPayment, amount: number): Promise<void> {
  const [capture] = payment.captures;
  assert.ok(capture);
  await stripe.refund({
    key: newId('request'),
    gatewayRef: payment.gatewayRef,
    captureRef: capture.ref,
    amount,
    currency: 'USD',
  });
}

/** A placed order whose payment both sides know. */
async function paidOrder() {
  const reference = await bookPayment(database, channelId, { status: 'pending' });
  const payment = await pay(reference);
  await work.stores.payments.update(reference.paymentId, {
    status: 'captured',
    gatewayRef: payment.gatewayRef,
    captured: 1000,
    captures: payment.captures,
  });
  return { reference, payment };
}

const command = (action: IncidentCommand['action'], more: Partial<IncidentCommand> = {}): IncidentCommand => ({
  action,
  reason: 'test',
  actor: 'ada',
  ...more,
});

async function act(incidentId: string, wanted: IncidentCommand): Promise<Incident> {
  if (await incidents.begin(incidentId, wanted)) await incidents.carryOut(incidentId, wanted);
  const incident = await work.stores.incidents.get(incidentId);
  assert.ok(incident);
  return incident;
}

test('books that agree: everything is compared, nothing is done', async () => {
  await paidOrder();
  await paidOrder();
  const run = await reconcile();
  assert.deepEqual([run.status, run.movements, run.payments, run.healed, run.incidents], ['completed', 2, 2, 0, 0]);
  assert.deepEqual(woken, []);
});

test('money of checkouts without an order wakes them; an open authorization counts as money', async () => {
  const waiting = await bookPayment(database, channelId, {
    order: false,
    checkoutStatus: 'action_required',
    status: 'requires_action',
  });
  const expired = await bookPayment(database, channelId, { order: false, checkoutStatus: 'expired', status: 'requires_action' });
  await pay(waiting);
  await pay(expired, 'manual');
  const run = await reconcile();
  assert.equal(run.healed, 2);
  assert.deepEqual(woken.toSorted(), [`checkout ${waiting.checkoutId}`, `checkout ${expired.checkoutId}`].toSorted());
});

test('a refund made by hand is entered as a refund, once', async () => {
  const { reference, payment } = await paidOrder();
  await refundByHand(payment, 300);
  assert.equal((await reconcile()).healed, 1);
  assert.equal((await work.stores.payments.get(reference.paymentId))?.refunded, 300);
  assert.equal((await reconcile()).healed, 0);
  assert.equal((await work.stores.refunds.ofPayment(reference.paymentId)).length, 1);
  assert.deepEqual(await openIncidents(), []);
});

test('a payment that is not ours becomes one incident, however often it is seen', async () => {
  const payment = await pay();
  assert.equal((await reconcile()).incidents, 1);
  assert.equal((await reconcile()).incidents, 0);
  const incident = await theOpenIncident();
  assert.deepEqual(
    [incident.kind, incident.subjectId, incident.gateway, incident.amount, incident.currency, incident.actions],
    ['unknown_payment', payment.gatewayRef, 'stripe', 1000, 'USD', ['retry', 'adopt', 'refund', 'ignore']],
  );
});

test('REFUND gives an unknown payment back once, under its own key, and it is not found again', async () => {
  const payment = await pay();
  await reconcile();
  const { id } = await theOpenIncident();
  const closed = await act(id, command('refund'));
  assert.match(closed.resolution ?? '', /1000 refunded/);
  await act(id, command('refund'));
  assert.equal((await stripe.retrieve(payment.gatewayRef)).refunded, 1000);
  assert.deepEqual(
    (await work.stores.incidentOperations.ofIncident(id)).map(({ key, status }) => [key, status]),
    [[`incident/${id}/refund/1`, 'succeeded']],
  );
  await assert.rejects(act(id, command('ignore')), { code: 'INVALID_TRANSITION' });
  assert.equal((await reconcile()).incidents, 0);
});

test('REFUND releases an open authorization', async () => {
  const payment = await pay(undefined, 'manual');
  await reconcile();
  await act((await theOpenIncident()).id, command('refund'));
  assert.equal((await stripe.retrieve(payment.gatewayRef)).state, 'canceled');
});

test('a refund that was sent and not answered is read back, not made again', async () => {
  const payment = await pay();
  await reconcile();
  const { id } = await theOpenIncident();
  let refunds = 0;
  const silent = over({
    ...stripe,
    async refund(request) {
      refunds += 1;
      await stripe.refund(request);
      throw new GatewayError('ambiguous', 'time-out');
    },
  });
  await silent.incidents.begin(id, command('refund'));
  await assert.rejects(silent.incidents.carryOut(id, command('refund')), { kind: 'ambiguous' });
  await silent.incidents.carryOut(id, command('refund'));
  assert.equal(refunds, 1);
  assert.equal((await stripe.retrieve(payment.gatewayRef)).refunded, 1000);
  assert.notEqual((await work.stores.incidents.get(id))?.resolvedAt, null);
});

test('a refund that the gateway refused is told, and the next try takes a fresh key', async () => {
  const payment = await pay();
  await reconcile();
  const { id } = await theOpenIncident();
  const refusing = over({ ...stripe, refund: () => Promise.reject(new GatewayError('rejected', 'insufficient balance')) });
  await incidents.begin(id, command('refund'));
  await assert.rejects(refusing.incidents.carryOut(id, command('refund')), { code: 'GATEWAY_REJECTED' });
  await incidents.release(id, 'insufficient balance');
  await act(id, command('refund'));
  assert.deepEqual(
    (await work.stores.incidentOperations.ofIncident(id)).map(({ key, status }) => [key, status]),
    [
      [`incident/${id}/refund/1`, 'failed'],
      [`incident/${id}/refund/2`, 'succeeded'],
    ],
  );
  assert.equal((await stripe.retrieve(payment.gatewayRef)).refunded, 1000);
});

test('ADOPT makes it a payment of the order with the amounts of the gateway, once', async () => {
  const { reference } = await paidOrder();
  const payment = await pay();
  await refundByHand(payment, 200);
  await reconcile();
  const { id } = await theOpenIncident();
  await assert.rejects(
    incidents.begin(id, command('adopt')).then(() => incidents.carryOut(id, command('adopt'))),
    { code: 'INVALID_INPUT' },
  );
  await incidents.release(id, 'no order was named');
  await act(id, command('adopt', { orderId: reference.orderId }));
  await act(id, command('adopt', { orderId: reference.orderId }));
  const [, adopted, ...others] = await work.stores.payments.ofOrder(reference.orderId);
  assert.equal(others.length, 0);
  assert.deepEqual(
    [adopted?.gatewayRef, adopted?.amount, adopted?.captured, adopted?.position],
    [payment.gatewayRef, 1000, 1000, 2],
  );
  assert.deepEqual(woken, [`order ${reference.orderId}`]);
  await reconcile();
  assert.equal(
    (await work.stores.payments.ofOrder(reference.orderId))[1]?.refunded,
    200,
    'what was refunded before is written down',
  );
  assert.deepEqual(await openIncidents(), []);
});

test('IGNORE closes it, and the next run leaves it closed', async () => {
  await pay();
  await reconcile();
  const { id } = await theOpenIncident();
  const closed = await act(id, command('ignore', { reason: 'a test payment' }));
  assert.equal(closed.resolution, 'Ignored: a test payment');
  await reconcile();
  assert.deepEqual(await openIncidents(), []);
  const audit = await database.rows<{ actor: string; action: string }>(
    ephemeral('SELECT actor, action FROM audit_log WHERE subject_id = $1'),
    [id],
  );
  assert.deepEqual(audit, [{ actor: 'ada', action: 'incident.ignore' }]);
});

test('RETRY looks again: nothing is held any more', async () => {
  const payment = await pay();
  await reconcile();
  const { id } = await theOpenIncident();
  const still = await act(id, command('retry'));
  assert.deepEqual([still.resolvedAt, still.attempts, still.action], [null, 1, null]);
  await refundByHand(payment, 1000);
  assert.notEqual((await act(id, command('retry'))).resolvedAt, null);
});

test('while one thing is done about an incident, no other is begun', async () => {
  await pay();
  await reconcile();
  const { id } = await theOpenIncident();
  assert.equal(await incidents.begin(id, command('refund')), true);
  await assert.rejects(incidents.begin(id, command('adopt', { orderId: 'x' })), { code: 'INVALID_TRANSITION' });
  await assert.rejects(incidents.begin(id, command('ignore')), { code: 'INVALID_TRANSITION' });
});

test('a second payment for the same order is a mismatch, and REFUND gives only that one back', async () => {
  const { reference, payment } = await paidOrder();
  const second = await pay(reference);
  await reconcile();
  const incident = await theOpenIncident();
  assert.deepEqual([incident.kind, incident.paymentRef, incident.amount], ['payment_mismatch', second.gatewayRef, 1000]);
  await act(incident.id, command('refund'));
  assert.equal((await stripe.retrieve(second.gatewayRef)).refunded, 1000);
  assert.equal((await stripe.retrieve(payment.gatewayRef)).refunded, 0);
  await reconcile();
  assert.deepEqual(await openIncidents(), []);
});

test('what we have as captured and the ledger has not is missing, once the ledger had its time', async () => {
  const payment = await pay();
  const { paymentId } = await bookPayment(database, channelId, {
    status: 'captured',
    captured: 1000,
    gatewayRef: payment.gatewayRef,
  });
  const silentLedger = over({ ...stripe, movements: async () => ({ movements: [] }) });
  await reconcile(silentLedger.reconciler);
  assert.deepEqual(await openIncidents(), [], 'a ledger may lag');
  await database.run(ephemeral("UPDATE payments SET updated_at = now() - interval '61 minutes' WHERE id = $1"), [paymentId]);
  await database.run(
    ephemeral("UPDATE reconciliation_runs SET since = since - interval '2 hours', until = until - interval '2 hours'"),
  );
  await reconcile(silentLedger.reconciler);
  const incident = await theOpenIncident();
  assert.deepEqual([incident.kind, incident.paymentId, incident.amount], ['missing_at_gateway', paymentId, 1000]);
});

test('an operation that nobody works on wakes its owner, and a person when that was of no use', async () => {
  const { reference } = await paidOrder();
  const key = `${reference.orderId}/capture/1`;
  await work.stores.payments.openOperation({ key, paymentId: reference.paymentId, kind: 'capture', amount: 1000 });
  const age = (minutes: number): Promise<number> =>
    database.run(ephemeral('UPDATE payment_operations SET created_at = now() - make_interval(mins => $2) WHERE key = $1'), [
      key,
      minutes,
    ]);
  await age(9);
  await reconcile();
  assert.deepEqual(woken, []);
  await age(11);
  await reconcile();
  assert.deepEqual([woken, await openIncidents()], [[`order ${reference.orderId}`], []]);
  await age(61);
  await reconcile();
  const incident = await theOpenIncident();
  assert.deepEqual([incident.kind, incident.subjectId], ['operation_stuck', key]);
});

/** An incident as other parts raise it. */
async function raised(incident: NewIncident): Promise<string> {
  assert.ok(await work.stores.incidents.raise(newId('incident'), incident));
  return (await theOpenIncident()).id;
}

const NEXT = { cause: 'a test', nextAction: 'a test' };

test('RETRY of a stuck operation wakes its owner, and closes the incident once the operation has ended', async () => {
  const { reference } = await paidOrder();
  const key = `${reference.orderId}/capture/1`;
  await work.stores.payments.openOperation({ key, paymentId: reference.paymentId, kind: 'capture', amount: 1000 });
  const id = await raised({ kind: 'operation_stuck', subjectId: key, ...NEXT });
  const still = await act(id, command('retry'));
  assert.deepEqual([still.resolvedAt, woken], [null, [`order ${reference.orderId}`]]);
  await work.stores.payments.closeOperation(key, { status: 'succeeded' });
  assert.equal((await act(id, command('retry'))).resolution, 'The capture succeeded');
});

test('RETRY of money that did not go back wakes the checkout until nothing is held', async () => {
  const reference = await bookPayment(database, channelId, {
    order: false,
    checkoutStatus: 'expired',
    status: 'captured',
    captured: 1000,
  });
  const id = await raised({ kind: 'money_not_returned', subjectId: reference.checkoutId, ...NEXT });
  assert.equal((await act(id, command('retry'))).resolvedAt, null);
  assert.deepEqual(woken, [`checkout ${reference.checkoutId}`]);
  await work.stores.payments.moveRefund(reference.paymentId, { refunded: 1000 });
  assert.equal((await act(id, command('retry'))).resolution, 'All of the money is back');
});

test('RETRY of a failed capture or refund asks the actor of the order, which alone moves its money', async () => {
  const reference = await bookPayment(database, channelId, { status: 'authorized' });
  const capture = await raised({ kind: 'capture_failed', subjectId: reference.orderId, ...NEXT });
  await act(capture, command('retry'));
  await work.stores.payments.update(reference.paymentId, {
    status: 'captured',
    gatewayRef: null,
    captured: 1000,
    captures: [{ ref: 'ch_1', amount: 1000 }],
  });
  assert.equal((await act(capture, command('retry'))).resolution, 'Nothing is left to capture');

  const refundId = newId('refund');
  await work.stores.refunds.insert({
    id: refundId,
    orderId: reference.orderId,
    currency: 'USD',
    destination: 'original',
    fallback: 'incident',
    source: 'operator',
    reason: 'a test',
    note: null,
    actor: 'ada',
    plan: {
      amount: 100,
      shippingAmount: 0,
      lines: [],
      parts: [{ paymentId: reference.paymentId, captureRef: 'ch_1', amount: 100 }],
    },
  });
  await work.stores.refunds.finish(refundId, 'failed');
  const failed = await raised({ kind: 'refund_failed', subjectId: refundId, ...NEXT });
  assert.notEqual((await act(failed, command('retry'))).resolvedAt, null);
  assert.deepEqual(woken, [`capture ${reference.orderId}`, `retry ${refundId}`]);
});

test('RETRY of a mismatch closes it once the second payment holds nothing', async () => {
  const { reference } = await paidOrder();
  const second = await pay(reference);
  await reconcile();
  const { id } = await theOpenIncident();
  assert.equal((await act(id, command('retry'))).resolvedAt, null);
  await refundByHand(second, 1000);
  assert.notEqual((await act(id, command('retry'))).resolvedAt, null);
});

test('a refund that nobody works on is woken', async () => {
  const reference = await bookPayment(database, channelId, { captured: 1000 });
  const refundId = newId('refund');
  const plan = {
    amount: 100,
    shippingAmount: 0,
    lines: [],
    parts: [{ paymentId: reference.paymentId, captureRef: 'ch_1', amount: 100 }],
  };
  const { orderId } = reference;
  await work.stores.refunds.insert({
    id: refundId,
    orderId,
    currency: 'USD',
    destination: 'original',
    fallback: 'incident',
    source: 'operator',
    reason: 'a test',
    note: null,
    actor: 'ada',
    plan,
  });
  await database.run(ephemeral("UPDATE refunds SET created_at = now() - interval '11 minutes'"));
  await reconcile();
  assert.deepEqual(woken, [`refund ${refundId}`]);
});

test('pages: a run that is cut off goes on where it stood, and counts each page once', async () => {
  const { reference, payment } = await paidOrder();
  const movement = (id: string, change: Partial<GatewayMovement> = {}): GatewayMovement => ({
    id,
    kind: 'capture',
    gatewayRef: payment.gatewayRef,
    captureRef: 'ch_1',
    amount: 1000,
    currency: 'USD',
    occurredAt: new Date(),
    ...change,
  });
  // The refund comes before its capture, and names neither payment nor key.
  const { gatewayRef: _, ...refund } = movement('re_1', { kind: 'refund', amount: 100 });
  const pages = [[refund], [movement('txn_1')], []];
  const asked: string[] = [];
  let dies = true;
  const paged = over({
    ...stripe,
    async movements({ cursor = '0' }) {
      asked.push(cursor);
      if (cursor === '1' && dies) throw new GatewayError('ambiguous', 'killed');
      const next = Number(cursor) + 1;
      return { movements: pages[Number(cursor)] ?? [], ...(next < pages.length ? { next: String(next) } : {}) };
    },
  });
  await refundByHand(payment, 100);
  const { id } = await paged.reconciler.begin({ gateway: 'stripe', actor: 'test' });
  await assert.rejects(paged.reconciler.advance(id, 100), { kind: 'ambiguous' });
  dies = false;
  assert.equal((await paged.reconciler.begin({ gateway: 'stripe', actor: 'test' })).id, id, 'the same run');
  assert.equal(await paged.reconciler.advance(id, 1), false);
  assert.equal(await paged.reconciler.advance(id, 100), true);
  assert.deepEqual(asked, ['0', '1', '1', '2']);
  const run = await work.stores.reconciliation.get(id);
  assert.deepEqual([run?.status, run?.movements, run?.payments, run?.healed, run?.incidents], ['completed', 2, 1, 1, 0]);
  assert.equal((await work.stores.payments.get(reference.paymentId))?.refunded, 100);
});

test('a gateway that tells nothing of a payment: the run fails, and the next one looks at the same span', async () => {
  const { payment } = await paidOrder();
  await refundByHand(payment, 100);
  const silent = over({ ...stripe, retrieve: () => Promise.reject(new GatewayError('ambiguous', 'time-out')) });
  const failed = await reconcile(silent.reconciler);
  assert.deepEqual([failed.status, failed.unanswered], ['failed', 1]);
  const next = await reconcile();
  assert.deepEqual([next.status, next.healed, next.since.getTime() <= failed.since.getTime()], ['completed', 1, true]);
});
