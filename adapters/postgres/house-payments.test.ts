import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { GatewayError, type GatewayPayment } from '../../domain/payments/gateway.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import type { Work } from '../../services/stores.ts';
import { eventsOf } from '../../tests/support/events.ts';
import { assertLedgerAddsUp } from '../../tests/support/stored-value-books.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { ephemeral, openDatabase, type Database } from './database.ts';
import { createUnitOfWork } from './unit-of-work.ts';

const newId = createIdGenerator();

let testDatabase: TestDatabase;
let database: Database;
let work: Work;

before(async () => {
  testDatabase = await startTestDatabase();
  database = openDatabase({ url: testDatabase.url, poolSize: 12 });
  work = createUnitOfWork(database);
});

after(async () => {
  await database.close();
  await testDatabase.close();
});

async function issueCard(balance: number, expiresAt: Date | null = null): Promise<string> {
  const id = newId('storedValueAccount');
  await work.transaction(async ({ storedValue }) => {
    await storedValue.insert({
      id,
      kind: 'gift_card',
      currency: 'EUR',
      code: { hash: `hash of ${id}`, last4: '7KQ2' },
      expiresAt,
    });
    await storedValue.move({ accountId: id, kind: 'issue', balanceDelta: balance, key: `${id}/issue`, referenceId: id });
  });
  return id;
}

async function accountOf(accountId: string): Promise<{ balance: number; held: number }> {
  const account = await work.stores.storedValue.get(accountId);
  assert.ok(account);
  return { balance: account.balance, held: account.held };
}

interface Wish {
  readonly paymentId: string;
  readonly accountId: string | null;
  readonly amount: number;
  readonly captureMethod?: 'manual' | 'automatic';
}

const authorize = ({ paymentId, accountId, amount, captureMethod = 'manual' }: Wish): Promise<GatewayPayment> =>
  work.transaction(({ housePayments }) =>
    housePayments.authorize({
      key: `${paymentId}/authorize`,
      gateway: accountId === null ? 'manual' : 'gift_card',
      method: accountId ?? 'bank_transfer',
      accountId,
      amount,
      currency: 'EUR',
      captureMethod,
      reference: { cartId: newId('cart'), checkoutId: newId('checkout'), orderId: newId('order'), paymentId },
    }),
  );

const capture = (key: string, gatewayRef: string, amount: number, final: boolean) =>
  work.transaction(({ housePayments }) => housePayments.capture({ key, gatewayRef, amount, final }));
const release = (key: string, gatewayRef: string) =>
  work.transaction(({ housePayments }) => housePayments.void({ key, gatewayRef }));
const refund = (key: string, gatewayRef: string, captureRef: string, amount: number) =>
  work.transaction(({ housePayments }) => housePayments.refund({ key, gatewayRef, captureRef, amount }));

const isRejected = (error: unknown): boolean => error instanceof GatewayError && error.kind === 'rejected';

/** What the store refuses is an answer too; anything else is a failure of the test. */
async function unlessRejected<T>(call: Promise<T>): Promise<T | 'rejected'> {
  try {
    return await call;
  } catch (error) {
    if (isRejected(error)) return 'rejected';
    throw error;
  }
}

const times = <T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)));

test('of fifty who spend one card at once, as many get something as it can pay', async () => {
  const accountId = await issueCard(10_050);
  const told = await times(50, () => authorize({ paymentId: newId('payment'), accountId, amount: 1_000 }));
  assert.equal(told.filter(({ state }) => state === 'authorized').length, 10);
  assert.equal(told.filter(({ state, decline }) => state === 'failed' && decline?.code === 'insufficient_funds').length, 40);
  assert.deepEqual(await accountOf(accountId), { balance: 10_050, held: 10_000 });
  await assertLedgerAddsUp(database);
});

test('of fifty who pay at once with one card, as many are paid as it can pay', async () => {
  const accountId = await issueCard(5_999);
  const told = await times(50, () =>
    authorize({ paymentId: newId('payment'), accountId, amount: 2_000, captureMethod: 'automatic' }),
  );
  assert.equal(told.filter(({ state }) => state === 'captured').length, 2);
  assert.deepEqual(await accountOf(accountId), { balance: 1_999, held: 0 });
  await assertLedgerAddsUp(database);
});

test('many who carry the same key make one payment, one capture, one release and one refund', async () => {
  for (const accountId of [await issueCard(50_000), null]) {
    const paymentId = newId('payment');
    const opened = await times(20, () => authorize({ paymentId, accountId, amount: 3_000 }));
    assert.ok(opened.every(({ gatewayRef, amount, captured }) => gatewayRef === paymentId && amount === 3_000 && captured === 0));
    const captured = await times(20, () => capture(`${paymentId}/capture/1`, paymentId, 1_000, false));
    assert.ok(captured.every((payment) => payment.captured === 1_000));
    const captureRef = captured[0]?.captures[0]?.ref ?? '';
    const refunds = await times(20, () => refund(`${paymentId}/refund/1`, paymentId, captureRef, 400));
    assert.equal(new Set(refunds.map(({ gatewayRef }) => gatewayRef)).size, 1);
    await times(20, () => release(`${paymentId}/void/1`, paymentId));
    const payment = await work.stores.housePayments.get(paymentId);
    assert.deepEqual([payment?.state, payment?.captured, payment?.refunded, payment?.capturable], ['captured', 1_000, 400, 0]);
    if (accountId !== null) assert.deepEqual(await accountOf(accountId), { balance: 49_400, held: 0 });
  }
  await assertLedgerAddsUp(database);
});

test('refunds that race for one capture never give back more than it took', async () => {
  const accountId = await issueCard(1_000);
  const paymentId = newId('payment');
  const { captures } = await authorize({ paymentId, accountId, amount: 1_000, captureMethod: 'automatic' });
  const captureRef = captures[0]?.ref ?? '';
  const answers = await times(20, (n) => unlessRejected(refund(`${paymentId}/refund/${n}`, paymentId, captureRef, 300)));
  assert.equal(answers.filter((answer) => answer !== 'rejected').length, 3);
  assert.deepEqual(await accountOf(accountId), { balance: 900, held: 0 });
});

test('a card that is disabled or over pays nothing, and still takes its money back', async () => {
  const over = await issueCard(1_000, new Date(Date.now() - 1));
  assert.equal((await authorize({ paymentId: newId('payment'), accountId: over, amount: 1 })).state, 'failed');

  const accountId = await issueCard(1_000);
  const paymentId = newId('payment');
  const { captures } = await authorize({ paymentId, accountId, amount: 600, captureMethod: 'automatic' });
  await work.stores.storedValue.setStatus(accountId, 'disabled', null);
  assert.equal((await authorize({ paymentId: newId('payment'), accountId, amount: 1 })).state, 'failed');
  assert.equal((await refund(`${paymentId}/refund`, paymentId, captures[0]?.ref ?? '', 600)).state, 'succeeded');
  assert.deepEqual(await accountOf(accountId), { balance: 1_000, held: 0 });
  const told = (await eventsOf(database, accountId)).map(({ type, payload }) => [type, payload['cause'], payload['change'], payload['balance'], payload['status']]);
  assert.deepEqual(told, [
    ['stored_value.changed', 'redeem', -600, 400, 'active'],
    ['stored_value.changed', 'disable', 0, 400, 'disabled'],
    ['stored_value.changed', 'refund', 600, 1_000, 'disabled'],
  ]);
});

test('the database itself refuses an overdrawn account', async () => {
  const accountId = await issueCard(100);
  const overdraw = (assignment: string): Promise<number> =>
    database.run(ephemeral(`UPDATE stored_value_accounts SET ${assignment} WHERE id = $1`), [accountId]);
  for (const assignment of ['balance = -1', 'held = -1', 'held = 101'])
    await assert.rejects(overdraw(assignment), /stored_value_never_overdrawn/);
});

/** A step of a random history; `of` and `capture` pick among what there is then. */
type Step =
  | { readonly kind: 'authorize'; readonly card: number; readonly amount: number; readonly captureMethod: 'manual' | 'automatic' }
  | { readonly kind: 'capture'; readonly of: number; readonly amount: number; readonly final: boolean }
  | { readonly kind: 'void'; readonly of: number }
  | { readonly kind: 'refund'; readonly of: number; readonly capture: number; readonly amount: number }
  | { readonly kind: 'adjust'; readonly card: number; readonly delta: number };

const index = fc.nat({ max: 7 });
const amount = fc.integer({ min: 1, max: 1_200 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('authorize' as const),
      card: fc.nat({ max: 1 }),
      amount,
      captureMethod: fc.constantFrom('manual' as const, 'automatic' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('capture' as const), of: index, amount, final: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('void' as const), of: index }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('refund' as const), of: index, capture: index, amount }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('adjust' as const),
      card: fc.nat({ max: 1 }),
      delta: fc.integer({ min: -800, max: 800 }),
    }),
  },
);

/** What must come of a history, computed without a database. */
interface ModelPayment {
  readonly id: string;
  readonly card: number;
  readonly amount: number;
  open: number;
  readonly captures: { amount: number; refunded: number }[];
}

const isWhole = (value: number, most: number): boolean => value >= 0 && value <= most;

test('a random history ends where arithmetic says, each step made twice counted once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(amount, amount), fc.array(step, { minLength: 1, maxLength: 25 }), async (balances, steps) => {
      const cards = await Promise.all(balances.map((balance) => issueCard(balance)));
      const model = balances.map((balance) => ({ balance, held: 0 }));
      const payments: ModelPayment[] = [];

      const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];
      for (const [n, next] of steps.entries()) {
        const key = `${cards[0]}/step/${n}`;
        if (next.kind === 'authorize') {
          const { card, amount: wanted, captureMethod } = next;
          const account = model[card];
          assert.ok(account);
          const paymentId = newId('payment');
          const ask = () => authorize({ paymentId, accountId: cards[card] ?? null, amount: wanted, captureMethod });
          const [first, again] = [await ask(), await ask()];
          assert.deepEqual(again, first);
          const covered = account.balance - account.held >= wanted;
          assert.equal(first.state, covered ? (captureMethod === 'automatic' ? 'captured' : 'authorized') : 'failed');
          if (!covered) continue;
          const isTaken = captureMethod === 'automatic';
          if (isTaken) account.balance -= wanted;
          else account.held += wanted;
          payments.push({
            id: paymentId,
            card,
            amount: wanted,
            open: isTaken ? 0 : wanted,
            captures: isTaken ? [{ amount: wanted, refunded: 0 }] : [],
          });
        } else if (next.kind === 'adjust') {
          const account = model[next.card];
          assert.ok(account);
          const change = {
            accountId: cards[next.card] ?? '',
            kind: 'adjust' as const,
            balanceDelta: next.delta,
            key,
            referenceId: key,
          };
          const adjust = () => work.transaction(({ storedValue }) => storedValue.move(change));
          const may = account.balance + next.delta >= account.held;
          assert.deepEqual([await adjust(), await adjust()], [may, may]);
          if (may) account.balance += next.delta;
        } else {
          const payment = pick(payments, next.of);
          const account = model[payment?.card ?? -1];
          if (!payment || !account) continue;
          if (next.kind === 'void') {
            await release(key, payment.id);
            await release(key, payment.id);
            account.held -= payment.open;
            payment.open = 0;
          } else if (next.kind === 'capture') {
            const take = () => unlessRejected(capture(key, payment.id, next.amount, next.final));
            const first = await take();
            if (payment.open === 0) continue;
            assert.equal(first === 'rejected', next.amount > payment.open);
            await take();
            if (first === 'rejected') continue;
            account.balance -= next.amount;
            account.held -= next.final ? payment.open : next.amount;
            payment.open = next.final ? 0 : payment.open - next.amount;
            payment.captures.push({ amount: next.amount, refunded: 0 });
          } else {
            const told = await work.stores.housePayments.get(payment.id);
            const at = next.capture % Math.max(1, payment.captures.length);
            const taken = payment.captures[at];
            const give = () => unlessRejected(refund(key, payment.id, told?.captures[at]?.ref ?? 'none', next.amount));
            const [first, again] = [await give(), await give()];
            assert.deepEqual(again, first);
            const may = taken !== undefined && next.amount <= taken.amount - taken.refunded;
            assert.equal(first !== 'rejected', may);
            if (!may) continue;
            taken.refunded += next.amount;
            account.balance += next.amount;
          }
        }
      }

      for (const [card, expected] of model.entries()) assert.deepEqual(await accountOf(cards[card] ?? ''), expected);
      for (const { id, captures, open } of payments) {
        const told = await work.stores.housePayments.get(id);
        assert.deepEqual(
          told?.captures.map(({ amount: of, refunded }) => ({ amount: of, refunded })),
          captures,
        );
        assert.equal(told.capturable, open);
      }
    }),
    { numRuns: 60 },
  );
  await assertLedgerAddsUp(database);
});

test('random steps that run all at once never overdraw an account nor give back what was not taken', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(amount, amount), fc.array(step, { minLength: 10, maxLength: 40 }), async (balances, steps) => {
      const cards = await Promise.all(balances.map((balance) => issueCard(balance)));
      const open = await times(6, (n) =>
        authorize({
          paymentId: newId('payment'),
          accountId: cards[n % 2] ?? null,
          amount: 1 + ((n * 97) % 400),
          captureMethod: n < 3 ? 'manual' : 'automatic',
        }),
      );
      await Promise.all(
        steps.map(async (next, n) => {
          const key = `${cards[0]}/step/${n}`;
          if (next.kind === 'authorize')
            return authorize({
              paymentId: newId('payment'),
              accountId: cards[next.card] ?? null,
              amount: next.amount,
              captureMethod: next.captureMethod,
            });
          if (next.kind === 'adjust') {
            const change = {
              accountId: cards[next.card] ?? '',
              kind: 'adjust' as const,
              balanceDelta: next.delta,
              key,
              referenceId: key,
            };
            return work.transaction(({ storedValue }) => storedValue.move(change));
          }
          const payment = open[next.of % open.length];
          assert.ok(payment);
          if (next.kind === 'void') return release(key, payment.gatewayRef);
          if (next.kind === 'capture') return unlessRejected(capture(key, payment.gatewayRef, next.amount, next.final));
          return unlessRejected(refund(key, payment.gatewayRef, payment.captures[0]?.ref ?? 'none', next.amount));
        }),
      );
      for (const { gatewayRef } of open) {
        const told = await work.stores.housePayments.get(gatewayRef);
        assert.ok(told);
        assert.ok(isWhole(told.captured + told.capturable, told.amount));
        for (const taken of told.captures) assert.ok(isWhole(taken.refunded, taken.amount));
      }
      await assertLedgerAddsUp(database);
    }),
    { numRuns: 40 },
  );
});
