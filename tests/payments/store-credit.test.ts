import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import type { CartRef } from '../../domain/checkout/cart-service.ts';
import { DomainError, type ErrorCode } from '../../domain/shared/errors.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { createCartService } from '../../services/checkout/cart-service.ts';
import { createKeyedHash } from '../../services/checkout/cart-tokens.ts';
import { creditCustomer } from '../../services/payments/credit-customer.ts';
import { createStoredValueService } from '../../services/payments/stored-value-service.ts';
import type { Work } from '../../services/stores.ts';
import { fillStore } from '../support/demo-catalog.ts';
import { assertLedgerAddsUp } from '../support/stored-value-books.ts';
import { startTestDatabase, type TestDatabase } from '../support/test-database.ts';

const PRICE = 10_000;
const newId = createIdGenerator();
const keyedHash = createKeyedHash('a-secret-of-this-test');
const now = (): Date => new Date();

let testDatabase: TestDatabase;
let database: Database;
let work: Work;
let cartOf: () => Promise<CartRef>;

before(async () => {
  testDatabase = await startTestDatabase();
  database = openDatabase({ url: testDatabase.url, poolSize: 10 });
  work = createUnitOfWork(database);
  const { variants } = await fillStore(database, [{ sku: 'MUG', price: PRICE, stock: 100 }]);
  const [channel] = await work.stores.channels.all();
  assert.ok(channel);
  cartOf = async () => {
    const { token } = await carts().create(channel, { lines: [{ variantId: variants['MUG']?.id ?? '', quantity: 1 }] });
    return { token };
  };
});

after(async () => {
  await assertLedgerAddsUp(database);
  await database.close();
  await testDatabase.close();
});

const carts = () => createCartService({ work, newId, now, keyedHash });
const accounts = () => createStoredValueService({ work, newId, now, keyedHash });
const has = (code: ErrorCode, field: string) => (error: unknown) =>
  error instanceof DomainError && error.code === code && error.field === field;

const credit = (email: string, amount: number, reference: string, customerId: string | null = null) =>
  accounts().issueStoreCredit({
    email,
    customerId,
    amount: { amount, currency: 'USD' },
    reason: 'goodwill',
    reference,
    actor: 'operator',
  });

test('belongs to one customer, and pays after the gift cards', async () => {
  const ref = await cartOf();
  const ada = { id: 'cust_ada', email: 'Ada@example.com' };
  await assert.rejects(carts().applyStoreCredit(ref, ada), has('NOT_FOUND', 'token'));
  const { id } = await credit('ada@example.com', 8_000, 'ada-1');
  await assert.rejects(carts().applyStoreCredit(ref, { id: 'cust_eve', email: 'eve@example.com' }), has('NOT_FOUND', 'token'));

  const alone = await carts().applyStoreCredit(ref, ada);
  assert.deepEqual(
    alone.storedValue.map(({ accountId, kind, amount }) => [accountId, kind, amount]),
    [[id, 'store_credit', 8_000]],
  );
  assert.equal(alone.amountDue, alone.totals.total - 8_000);

  const card = await accounts().issueGiftCard({ amount: { amount: 3_000, currency: 'USD' }, expiresAt: null, actor: 'operator' });
  const both = await carts().applyGiftCard(ref, card.code, 'network');
  assert.deepEqual(
    both.storedValue.map(({ kind, amount }) => [kind, amount]),
    [
      ['gift_card', 3_000],
      ['store_credit', both.totals.total - 3_000],
    ],
  );
  assert.equal(both.amountDue, 0);
  const without = await carts().removeStoredValue(ref, id);
  assert.equal(without.amountDue, without.totals.total - 3_000);
});

test('a gift card that is over pays nothing any more', async () => {
  const ref = await cartOf();
  const expiresAt = new Date(Date.now() + 60_000);
  const { code } = await accounts().issueGiftCard({ amount: { amount: 3_000, currency: 'USD' }, expiresAt, actor: 'operator' });
  const { totals, amountDue } = await carts().applyGiftCard(ref, code, 'network');
  assert.equal(amountDue, totals.total - 3_000);
  const later = createCartService({ work, newId, keyedHash, now: () => expiresAt });
  assert.equal((await later.find(ref))?.amountDue, totals.total);
  await assert.rejects(later.applyGiftCard(ref, code, 'network'), has('INVALID_INPUT', 'code'));
});

test('of many who credit one customer at once each is counted once, in one account', async () => {
  const owner = { emailKey: keyedHash('email', 'grace@example.com'), customerId: null };
  const give = (n: number) =>
    work.transaction((stores) =>
      creditCustomer(stores, newId, {
        key: `ref_${n}/1`,
        owner,
        currency: 'USD',
        amount: 100,
        kind: 'refund',
        reason: 'the bank refused',
        referenceId: `ref_${n}`,
      }),
    );
  const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => give(n % 10)));
  assert.equal(new Set(ids).size, 1);
  assert.equal((await work.stores.storedValue.get(ids[0] ?? ''))?.balance, 1_000);
});

test('the account learns the customer who was not known when it was made', async () => {
  const [first, second] = [
    await credit('alan@example.com', 100, 'alan-1'),
    await credit('alan@example.com', 100, 'alan-2', 'cust_alan'),
  ];
  assert.deepEqual([first.customerId, second.id, second.customerId], [null, first.id, 'cust_alan']);
});

test('a gift card that is issued many times at once with one key is one card', async () => {
  const issue = () =>
    accounts().issueGiftCard({
      commandId: 'command',
      amount: { amount: 700, currency: 'USD' },
      expiresAt: null,
      actor: 'operator',
    });
  const cards = await Promise.all(Array.from({ length: 20 }, issue));
  assert.equal(new Set(cards.map(({ code }) => code)).size, 1);
  assert.equal(new Set(cards.map(({ account }) => account.id)).size, 1);
  assert.equal(cards[0]?.account.balance, 700);
});
