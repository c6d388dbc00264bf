import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import type { MoveReturnCommand, OrderCommand } from '../../domain/orders/order-command.ts';
import { returnTransitions } from '../../domain/orders/returns/return-status.ts';
import type { Condition, OrderReturn } from '../../domain/orders/returns/return.ts';
import { nextReturnStep } from '../../domain/orders/returns/return-task.ts';
import { orderWorkflowId } from '../../temporal/contracts/orders.ts';
import { returnWorkflowId } from '../../temporal/contracts/returns.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { skipTime, type TimeSkipping } from '../support/time-skipping.ts';
import { waitFor } from '../support/wait-for.ts';
import { eventsOf } from './edit-commands.ts';
import { assertReturnBooks, delivered } from './return-commands.ts';
import { eventTypesOf } from '../support/events.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNITS = 3;

const DECISIONS = ['approve', 'reject', 'no answer'] as const;
const RECEIPTS = ['nothing', 'a part', 'all', 'damaged'] as const;
const ENDS = ['refund', 'refund fails, store credit', 'refund fails, a person', 'exchange'] as const;

interface Path {
  readonly decision: (typeof DECISIONS)[number];
  readonly receipt: (typeof RECEIPTS)[number];
  readonly end: (typeof ENDS)[number];
}

const PATHS: readonly Path[] = DECISIONS.flatMap((decision) => RECEIPTS.flatMap((receipt) => ENDS.map((end) => ({ decision, receipt, end }))));

let store: TestStore;
let skipping: TimeSkipping;
/** Orders that have arrived, one for each path. */
const arrived: { id: string; lineId: string }[] = [];

before(async () => {
  // The orders are all delivered before the first weeks are skipped.
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: 10_000 }], { rules: { returnWindowDays: 3_650 } });
  for (let shopper = 1; shopper <= PATHS.length + 2; shopper += 1) {
    const { id, lines } = await delivered(store, shopper, [{ sku: 'MUG', quantity: UNITS }]);
    arrived.push({ id, lineId: lines[0]?.id ?? '' });
  }
  await store.worker.stop();
  skipping = await skipTime(store);
});

afterEach(() => store.gateway.clearFaults());

after(async () => {
  await skipping.close();
  await store.close();
});

let commands = 0;
type WithoutHead<Command> = Command extends OrderCommand ? Omit<Command, 'commandId' | 'actor' | 'at'> : never;

async function command(orderId: string, asked: WithoutHead<OrderCommand>): Promise<string> {
  const at = (await skipping.now()).toISOString();
  const { ids } = await skipping.orders.command(orderId, { ...asked, actor: 'operator', at, commandId: `test_${(commands += 1)}` });
  return ids[0] ?? '';
}

async function readReturn(id: string): Promise<OrderReturn> {
  const found = await skipping.work.stores.returns.get(id);
  assert.ok(found);
  return found;
}

const setPolicy = (change: Readonly<Record<string, unknown>>): Promise<unknown> =>
  store.database.run(ephemeral('UPDATE channels SET return_policy = $1'), [change]);

/** The gateway refuses every refund until it is told otherwise. */
const refuseRefunds = (): Promise<string> =>
  store.gateway.addFault({ match: { method: 'POST', path: '/v1/refunds' }, times: 1_000, effect: { kind: 'status', status: 400, stage: 'before' } });

const receipt = (lineId: string, what: Path['receipt']): { orderLineId: string; condition: Condition; quantity: number }[] => {
  const unit = { orderLineId: lineId, condition: what === 'damaged' ? ('damaged' as const) : ('new' as const) };
  return what === 'nothing' ? [] : [{ ...unit, quantity: what === 'a part' ? 1 : UNITS }];
};

/** Closes every open incident, as an operator does who has seen to it in another way. */
async function attend(): Promise<void> {
  for (;;) {
    const { items } = await skipping.work.stores.incidents.list({ first: 50 }, { open: true });
    if (items.length === 0) return;
    for (const { id } of items) await skipping.work.stores.incidents.resolve(id, 'seen to by hand');
  }
}

/** Lets time pass for the return and its order. */
const pass = (milliseconds: number, returnId: string, orderId: string): Promise<void> => skipping.pass(milliseconds, [returnWorkflowId(returnId), orderWorkflowId(orderId)]);

/** Does nothing but let the time pass, step by step, until the return has ended. */
async function untilItEnds(returnId: string): Promise<OrderReturn> {
  const { returns } = skipping.work.stores;
  for (;;) {
    const before = await readReturn(returnId);
    if (returnTransitions.isTerminal(before.status)) return before;
    const refund = await returns.refundOf(returnId);
    const { inMs } = nextReturnStep(before, refund, await skipping.now()) ?? { inMs: 0 };
    // While its refund is on its way nothing is waited for but that.
    if (refund?.status !== 'pending') await pass(inMs, returnId, before.orderId);
    await waitFor(async () => JSON.stringify([await readReturn(returnId), await returns.refundOf(returnId)]) !== JSON.stringify([before, refund]), {
      what: `the next step of ${returnId}, which is ${before.status}`,
      timeoutMs: 30_000,
    });
  }
}

/** One order's way through a return, as the path says; answers how the return ended. */
async function walk({ decision, receipt: what, end }: Path, order: { id: string; lineId: string }): Promise<OrderReturn> {
  await setPolicy({ refundFallback: end === 'refund fails, store credit' ? 'store_credit' : 'incident' });
  const returnId = await command(order.id, {
    kind: 'request_return',
    returnKind: end === 'exchange' ? 'exchange' : 'return',
    requestedBy: 'customer',
    sendBack: true,
    lines: [{ orderLineId: order.lineId, quantity: UNITS, reason: 'unwanted' }],
    ...(end === 'exchange' ? { wanted: [{ variantId: store.catalog.variants['MUG']?.id ?? '', quantity: 1 }] } : {}),
  });
  const decide = (to: MoveReturnCommand['to']) => command(order.id, { kind: 'move_return', returnId, to, reason: 'looked at' });
  if (decision === 'approve') await decide('approved');
  if (decision === 'reject') await decide('rejected');
  if (decision === 'no answer') await pass(37 * HOUR_MS, returnId, order.id).then(() => pass(37 * HOUR_MS, returnId, order.id));
  if (decision !== 'reject' && what !== 'nothing') {
    const units = receipt(order.lineId, what);
    await command(order.id, { kind: 'receive_return', returnId, units });
    if (end.startsWith('refund fails')) await refuseRefunds();
    const restock = (quantity: number): number => (what === 'damaged' ? 0 : quantity);
    await command(order.id, { kind: 'settle_return', returnId, units: units.map(({ quantity, ...unit }) => ({ ...unit, accept: quantity, restock: restock(quantity) })) });
    if (end === 'refund fails, a person') {
      await waitFor(async () => (await skipping.work.stores.incidents.list({ first: 50 }, { open: true })).items.some(({ kind }) => kind === 'refund_failed'), { what: 'a person to be called' });
      await pass(2 * HOUR_MS, returnId, order.id);
      assert.equal((await readReturn(returnId)).status, 'inspected', 'what was not paid is not closed');
      await attend();
      // The return looks after its refund every hour.
      await pass(HOUR_MS, returnId, order.id);
    }
  }
  return untilItEnds(returnId);
}

const outcomeOf = ({ decision, receipt: what, end }: Path): [status: string, outcome: string | null] => {
  if (decision === 'reject') return ['rejected', null];
  if (what === 'nothing') return ['expired', null];
  if (end === 'exchange') return ['closed', 'exchanged'];
  return ['closed', end === 'refund fails, a person' ? 'settled_by_person' : 'refunded'];
};

describe('every path of a return ends', () => {
  PATHS.forEach((path, index) => {
    const { decision, receipt: what, end } = path;
    it(`${decision}, ${what} arrives, ${end}`, async () => {
      const order = arrived[index];
      assert.ok(order);
      const ended = await walk(path, order);
      assert.ok(returnTransitions.isTerminal(ended.status));
      assert.deepEqual([ended.status, ended.outcome], outcomeOf(path));
      if (ended.status === 'expired') assert.ok((await eventTypesOf(store.database, order.id)).includes('return.expired'));
      const whole = await skipping.work.stores.orders.get(order.id);
      assert.ok(whole && whole.returnStatus !== 'requested' && whole.returnStatus !== 'in_progress');
      const back = whole.payments.reduce((sum, payment) => sum + payment.refunded + payment.credited, 0);
      assert.ok(back <= whole.payments.reduce((sum, payment) => sum + payment.captured, 0), 'no more goes back than was paid');
      if (ended.outcome === 'settled_by_person') assert.deepEqual([back, whole.paymentStatus], [0, 'captured'], 'a failed refund is not counted');
    });
  });

  it('and the books of all of them are right', async () => {
    await attend();
    await assertReturnBooks(store);
  });
});

describe('thirty days of a return that nobody looks at, through an outage and a refused refund', () => {
  async function thirtyDays(order: { id: string; lineId: string }): Promise<{ events: string[]; incidents: string[]; outcome: string | null }> {
    await setPolicy({ refundFallback: 'store_credit', reminderDays: [5, 10] });
    const returnId = await command(order.id, {
      kind: 'request_return',
      returnKind: 'return',
      requestedBy: 'customer',
      sendBack: true,
      lines: [{ orderLineId: order.lineId, quantity: 2, reason: 'wrong_size' }],
    });
    // Nobody decides: the policy does after three days, and reminds the customer twice.
    for (let day = 0; day < 16; day += 1) await pass(DAY_MS, returnId, order.id);
    await command(order.id, { kind: 'receive_return', returnId, units: [{ orderLineId: order.lineId, condition: 'opened', quantity: 1 }] });
    // Nobody inspects: it is paid after fourteen days. The gateway cannot be reached at first, and then it refuses.
    await store.gateway.addFault({ match: { method: 'POST', path: '/v1/refunds' }, times: 3, effect: { kind: 'drop', stage: 'before' } });
    await refuseRefunds();
    const { outcome } = await untilItEnds(returnId);
    await store.gateway.clearFaults();
    const events = (await eventsOf(store, order.id)).map(({ type }) => type).filter((type) => type.startsWith('return.') || type.startsWith('refund.'));
    const { items } = await skipping.work.stores.incidents.list({ first: 50 }, { orderId: order.id });
    return { events, incidents: items.map(({ kind }) => kind).sort(), outcome };
  }

  it('ends in store credit, and the same way each time', async () => {
    const [first, second] = arrived.slice(PATHS.length);
    assert.ok(first && second);
    const told = await thirtyDays(first);
    assert.deepEqual(told.events, [
      'return.requested',
      'return.approved',
      'return.reminder',
      'return.reminder',
      'return.received',
      'refund.requested',
      'return.inspected',
      'refund.succeeded',
      'return.closed',
    ]);
    assert.deepEqual(told.incidents, ['return_undecided', 'return_uninspected']);
    assert.equal(told.outcome, 'refunded');
    assert.deepEqual(await thirtyDays(second), told);
    await assertReturnBooks(store);
  });
});
