import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ephemeral, openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import { createStripeGateway } from '../../adapters/stripe/stripe-gateway.ts';
import type { CustomerService, SavedMethodOutcome, SavedMethodService } from '../../domain/customers/customer-service.ts';
import type { SavedMethod } from '../../domain/customers/saved-method.ts';
import { createGateways } from '../../domain/payments/gateways.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { stripeEmulatorControl, type StripeEmulatorControl } from '../../emulators/stripe/control.ts';
import { startStripeEmulator } from '../../emulators/stripe/server.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { assertEventsValid, eventsOf } from '../../tests/support/events.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import type { Work } from '../stores.ts';
import { createCustomerService } from './customer-service.ts';
import { createSavedMethodService, rememberMethod } from './saved-methods.ts';

const CUSTOMERS = { method: 'POST', path: '/v1/customers' } as const;
const DETACH = { method: 'POST', path: '/v1/payment_methods/*/detach' } as const;

const newId = createIdGenerator();
let server: TestDatabase;
let database: Database;
let emulator: Awaited<ReturnType<typeof startStripeEmulator>>;
let gateway: StripeEmulatorControl;
let work: Work;
let customers: CustomerService;
let methods: SavedMethodService;
let clockMs = Date.now();
let people = 0;

before(async () => {
  server = await startTestDatabase();
  database = openDatabase({ url: server.url, poolSize: 8 });
  work = createUnitOfWork(database);
  emulator = await startStripeEmulator({ port: 0 });
  gateway = stripeEmulatorControl(emulator.url);
  const keys = { apiKey: 'sk_test_emulator', webhookSecret: 'whsec_test' };
  const stripe = createStripeGateway({ ...keys, baseUrl: emulator.url, timeoutMs: 2_000 });
  const now = (): Date => new Date(clockMs);
  customers = createCustomerService({ work, newId, now });
  methods = createSavedMethodService({ work, gateways: createGateways([stripe]), newId, now });
});

beforeEach(async () => {
  clockMs = Date.now();
  await gateway.clearFaults();
});

after(async () => {
  await emulator.close();
  await assertEventsValid(database);
  await database.close();
  await server.close();
});

async function newCustomer(): Promise<string> {
  return (await customers.create({ email: `Person${(people += 1)}@Example.com`, actor: 'operator' })).id;
}

const save = (customerId: string, paymentMethod = 'pm_card_visa', makeDefault = false): Promise<SavedMethodOutcome> =>
  methods.save(customerId, { gateway: 'stripe', paymentMethod, makeDefault });

async function saved(customerId: string, paymentMethod?: string, makeDefault?: boolean): Promise<SavedMethod> {
  const outcome = await save(customerId, paymentMethod, makeDefault);
  assert.ok(outcome.kind === 'saved', JSON.stringify(outcome));
  return outcome.method;
}

const shown = async (customerId: string): Promise<[string, boolean][]> =>
  (await methods.ofCustomer(customerId)).map(({ id, isDefault }) => [id, isDefault]);

/** What a payment or a setup tells to be kept. */
const remember = (customerId: string, { token, customerRef }: SavedMethod): Promise<SavedMethod | undefined> =>
  work.transaction((stores) => rememberMethod(stores, newId, { customerId, gateway: 'stripe', saved: { token, customerRef, details: {} } }));

const code = (expected: string) => (error: unknown) => error instanceof DomainError && error.code === expected;

describe('saving a payment method', () => {
  it('keeps a token and what may be shown, and the first one is the default', async () => {
    const customerId = await newCustomer();
    const first = await saved(customerId);
    const second = await saved(customerId, 'pm_card_mastercard');
    assert.deepEqual([first.details.brand, first.details.last4, first.isDefault, second.isDefault], ['visa', '4242', true, false]);
    assert.equal(first.details.fingerprint, undefined);
    assert.equal(first.customerRef, second.customerRef);
    const third = await saved(customerId, 'pm_card_amex', true);
    assert.deepEqual(await shown(customerId), [[third.id, true], [second.id, false], [first.id, false]]);
    // Remembered before: not told again.
    await remember(customerId, first);
    const [made, told, ...more] = await eventsOf(database, customerId);
    const payload = { customerId, paymentMethodId: first.id, gateway: 'stripe', kind: 'card', brand: 'visa', last4: '4242', expiryMonth: first.details.expiryMonth, expiryYear: first.details.expiryYear };
    assert.deepEqual([made?.type, told, more.map(({ type }) => type)], ['customer.created', { type: 'payment_method.saved', payload }, ['payment_method.saved', 'payment_method.saved']]);
  });

  it('makes one customer at the gateway, also when several are saved at once', async () => {
    const customerId = await newCustomer();
    const asked = [1, 2, 3].map(() => methods.gatewayCustomer(customerId, 'stripe').catch(() => undefined));
    const refs = await Promise.all(asked);
    const [ref] = await Promise.all([methods.gatewayCustomer(customerId, 'stripe'), saved(customerId)]);
    assert.deepEqual([...new Set(refs.filter((one) => one !== undefined)), ref].filter((one) => one !== ref), []);
  });

  it('asks for the customer again under another key when the gateway has stored a failure', async () => {
    const customerId = await newCustomer();
    const failure = { kind: 'status', status: 500, stage: 'before', stored: true } as const;
    await gateway.addFault({ match: CUSTOMERS, times: 1, effect: failure });
    await assert.rejects(methods.gatewayCustomer(customerId, 'stripe'), code('GATEWAY_UNAVAILABLE'));
    assert.match(await methods.gatewayCustomer(customerId, 'stripe'), /^cus_/);
  });

  it('that the issuer declines keeps nothing', async () => {
    const customerId = await newCustomer();
    const outcome = await save(customerId, 'pm_card_chargeDeclined');
    assert.equal(outcome.kind, 'declined');
    assert.deepEqual(await methods.ofCustomer(customerId), []);
  });

  it('waits for the customer where the card asks for it, and is completed once', async () => {
    const customerId = await newCustomer();
    const outcome = await methods.save(customerId, {
      gateway: 'stripe',
      paymentMethod: 'pm_card_authenticationRequired',
      returnUrl: 'https://shop.example/methods',
      makeDefault: true,
    });
    assert.ok(outcome.kind === 'action_required' && outcome.url !== undefined, JSON.stringify(outcome));
    assert.equal((await methods.completeSetup(customerId, outcome.setupId)).kind, 'action_required');
    await gateway.finishChallenge(outcome.url, 'complete');
    const complete = () => methods.completeSetup(customerId, outcome.setupId);
    const both = await Promise.all([complete(), complete()]);
    const ids = both.map((one) => (one.kind === 'saved' ? one.method.id : one.kind));
    assert.equal(ids[0], ids[1]);
    assert.deepEqual(await shown(customerId), [[ids[0], true]]);
    const other = await saved(customerId, 'pm_card_visa', true);
    await methods.completeSetup(customerId, outcome.setupId);
    assert.deepEqual((await methods.ofCustomer(customerId)).map(({ id }) => id), [other.id, ids[0]]);
    await assert.rejects(methods.completeSetup(await newCustomer(), outcome.setupId), code('NOT_FOUND'));
  });

  it('is not brought back by a setup or a payment of old, once it was removed', async () => {
    const customerId = await newCustomer();
    const method = await saved(customerId);
    const query = ephemeral('SELECT id FROM payment_method_setups WHERE customer_id = $1');
    const [setup] = await database.rows<{ id: string }>(query, [customerId]);
    await methods.remove(customerId, method.id);
    const again = await methods.completeSetup(customerId, setup?.id ?? '');
    assert.deepEqual([again.kind, again.kind === 'declined' && again.code], ['declined', 'payment_method_removed']);
    assert.equal(await remember(customerId, method), undefined);
    assert.deepEqual(await methods.ofCustomer(customerId), []);
  });

  it('does not give one customer what another one keeps', async () => {
    const [owner, other] = [await newCustomer(), await newCustomer()];
    const method = await saved(owner);
    const { id, token, customerRef } = method;
    assert.equal(await remember(other, method), undefined);
    await assert.rejects(methods.forPayment(other, id), code('NOT_FOUND'));
    await assert.rejects(methods.setDefault(other, id), code('NOT_FOUND'));
    assert.deepEqual(await methods.remove(other, id), []);
    assert.deepEqual(await methods.forPayment(owner, id), { gateway: 'stripe', token, customerRef });
  });

  it('is refused to whoever tries out cards, also many at once, and allowed again later', async () => {
    const customerId = await newCustomer();
    await methods.gatewayCustomer(customerId, 'stripe');
    const tries = await Promise.allSettled(Array.from({ length: 14 }, () => save(customerId)));
    const refused = tries.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
    assert.equal(refused.length, 4);
    for (const error of refused) assert.ok(code('RATE_LIMITED')(error), String(error));
    clockMs += 3_700_000;
    assert.equal((await save(customerId)).kind, 'saved');
  });

  it('is refused where the gateway has no vault or there is no such gateway', async () => {
    const customerId = await newCustomer();
    const wish = { gateway: 'nowhere', paymentMethod: 'x', makeDefault: false };
    await assert.rejects(methods.save(customerId, wish), code('INVALID_INPUT'));
  });
});

describe('a saved payment method', () => {
  it('is removed at the gateway and here, and again without harm', async () => {
    const customerId = await newCustomer();
    const [first, second] = [await saved(customerId), await saved(customerId)];
    assert.deepEqual((await methods.remove(customerId, first.id)).map(({ id, isDefault }) => [id, isDefault]), [[second.id, true]]);
    assert.deepEqual((await methods.remove(customerId, first.id)).length, 1);
    assert.deepEqual(await methods.remove(customerId, second.id), []);
    const removed = (await eventsOf(database, customerId)).filter(({ type }) => type === 'payment_method.removed');
    assert.deepEqual(removed.map(({ payload }) => payload['paymentMethodId']), [first.id, second.id]);
    await assert.rejects(methods.forPayment(customerId, first.id), code('NOT_FOUND'));
    await assert.rejects(methods.setDefault(customerId, first.id), code('NOT_FOUND'));
  });

  it('stays when the vault does not answer', async () => {
    const customerId = await newCustomer();
    const { id } = await saved(customerId);
    await gateway.addFault({ match: DETACH, times: 1, effect: { kind: 'drop', stage: 'after' } });
    await assert.rejects(methods.remove(customerId, id), code('GATEWAY_UNAVAILABLE'));
    assert.equal((await methods.ofCustomer(customerId)).length, 1);
    assert.deepEqual(await methods.remove(customerId, id), []);
  });

  it('is one default at a time, whoever sets it at once', async () => {
    const customerId = await newCustomer();
    const [one, two, three] = [await saved(customerId), await saved(customerId), await saved(customerId)];
    const all = [one, two, three];
    await Promise.all([...all, ...all].map(({ id }) => methods.setDefault(customerId, id)));
    assert.equal((await methods.ofCustomer(customerId)).filter(({ isDefault }) => isDefault).length, 1);
    const removals = [two, three].map(({ id }) => methods.remove(customerId, id));
    await Promise.all([methods.setDefault(customerId, one.id), ...removals]);
    assert.deepEqual(await shown(customerId), [[one.id, true]]);
  });
});

describe('customers and their sessions', () => {
  it('have one address each, however it is written', async () => {
    const { email } = await customers.create({ email: ' Grace@Example.COM ', actor: 'operator' });
    assert.equal(email, 'grace@example.com');
    await assert.rejects(customers.create({ email: 'GRACE@example.com', actor: 'operator' }), code('CONFLICT'));
    await assert.rejects(customers.create({ email: 'nobody', actor: 'operator' }), code('INVALID_INPUT'));
    const { items } = await customers.list({ first: 10 }, { email: 'Grace@example.com' });
    assert.deepEqual(items.map((one) => one.email), ['grace@example.com']);
  });

  it('are open for so long, end together, and are kept as a hash', async () => {
    const customerId = await newCustomer();
    const [one, two] = [
      await customers.openSession(customerId, { ttlSeconds: 60, actor: 'shop' }),
      await customers.openSession(customerId, { ttlSeconds: 60, actor: 'shop' }),
    ];
    assert.match(one.token, /^[\w-]{32}$/);
    assert.equal((await customers.ofSession(one.token))?.id, customerId);
    const query = ephemeral('SELECT s::text AS row FROM customer_sessions s WHERE customer_id = $1');
    const stored = await database.rows<{ row: string }>(query, [customerId]);
    assert.equal(stored.length, 2);
    const inBytes = Buffer.from(one.token, 'base64url').toString('hex');
    for (const { row } of stored) assert.ok(!row.includes(one.token) && !row.includes(inBytes));
    assert.equal(await customers.closeSessions(customerId, 'shop'), 2);
    assert.equal(await customers.ofSession(one.token), undefined);
    assert.equal(await customers.ofSession(two.token), undefined);
  });

  it('end by themselves', async () => {
    const customerId = await newCustomer();
    clockMs -= 3_600_000;
    const { token } = await customers.openSession(customerId, { ttlSeconds: 60, actor: 'shop' });
    assert.equal(await customers.ofSession(token), undefined);
  });

  it('are not opened for longer than a day, for nobody, or by a token that was made up', async () => {
    const customerId = await newCustomer();
    for (const ttlSeconds of [0, -1, 1.5, 86_401]) {
      await assert.rejects(customers.openSession(customerId, { ttlSeconds, actor: 'shop' }), code('INVALID_INPUT'));
    }
    await assert.rejects(customers.openSession(newId('customer'), { ttlSeconds: 60, actor: 'shop' }), code('NOT_FOUND'));
    await assert.rejects(customers.closeSessions(newId('customer'), 'shop'), code('NOT_FOUND'));
    for (const token of ['', 'x', 'A'.repeat(32)]) assert.equal(await customers.ofSession(token), undefined);
  });
});
