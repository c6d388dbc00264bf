import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import type { LedgerEntry } from '../../emulators/stripe/ledger.ts';
import { tableSources, workflowSources } from '../security/sources.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, untilAnswered, type SubmitAnswer, type TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import { give, readOrder } from './commands.ts';
import { manage, me, openSession, saved, sessionOf, signIn, type SignedIn } from './customer-commands.ts';

const ANY_DETACH = { method: 'POST', path: '/v1/payment_methods/*/detach' } as const;

let store: TestStore;
let people = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_999, stock: 1_000 }], { rules: { captureMode: 'manual' } });
});

afterEach(async () => {
  await store.gateway.clearFaults();
  await store.gateway.setAuthorizationSeconds(7 * 86_400);
  await assertBooks(store);
});

after(() => store.close());

const somebody = (): Promise<SignedIn> => signIn(store, `customer${(people += 1)}@example.com`);
const card = (): string => `pm_card_visa_fp_saved${(people += 1)}`;
const last4Of = async ({ token }: SignedIn): Promise<(string | null)[]> =>
  ((await me(store, token))?.paymentMethods ?? []).map(({ last4 }) => last4);

/** Submits a new cart in the customer's session. */
async function submit({ token }: SignedIn, input: Readonly<Record<string, unknown>>): Promise<SubmitAnswer> {
  return store.submit(await store.readyCart((people += 1)), { paymentMethod: null, ...input }, sessionOf(token));
}

async function incidentsOf(subjectId: string): Promise<string[]> {
  const { incidents } = await store.admin<{ incidents: { nodes: { kind: string; subjectId: string }[] } }>(
    '{ incidents(first: 100) { nodes { kind subjectId } } }',
  );
  return incidents.nodes.filter((incident) => incident.subjectId === subjectId).map(({ kind }) => kind);
}

/** The order's payments at the gateway, oldest first. */
async function intentsOf(orderId: string): Promise<LedgerEntry[]> {
  const intents: LedgerEntry[] = [];
  for await (const intent of store.gateway.ledger({ orderId })) intents.push(intent);
  return intents;
}

describe('a customer’s session', () => {
  it('is theirs until it is over or revoked', async () => {
    const ada = await somebody();
    assert.deepEqual(await me(store, ada.token), { id: ada.id, email: ada.email, paymentMethods: [] });
    assert.equal(await me(store), null);
    await assert.rejects(me(store, `${ada.token.slice(0, -1)}${ada.token.endsWith('A') ? 'B' : 'A'}`), /UNAUTHENTICATED/);
    await assert.rejects(me(store, 'x'), /UNAUTHENTICATED/);

    const { token: second = '' } = await openSession(store, ada.id);
    await store.database.run(
      ephemeral(
        "UPDATE customer_sessions SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to('customer:' || $1, 'UTF8'))",
      ),
      [second],
    );
    await assert.rejects(me(store, second), /UNAUTHENTICATED/);
    assert.equal((await me(store, ada.token))?.id, ada.id);

    const { answer } = await store.admin<{ answer: { revoked: number } }>(
      'mutation C($input: CustomerSessionsRevokeInput!) { answer: customerSessionsRevoke(input: $input) { ... on CustomerSessionsRevokePayload { revoked } } }',
      { input: { customerId: ada.id, actor: 'operator' } },
    );
    assert.ok(answer.revoked >= 1);
    await assert.rejects(me(store, ada.token), /UNAUTHENTICATED/);
  });

  it('is given for a known customer and for a day at most', async () => {
    const { id } = await somebody();
    const nobody = await openSession(store, 'cus_nobody');
    assert.deepEqual([nobody.code, nobody.field], ['NOT_FOUND', 'customerId']);
    for (const ttlSeconds of [0, 86_401]) {
      const refused = await openSession(store, id, ttlSeconds);
      assert.deepEqual([refused.code, refused.field], ['INVALID_INPUT', 'ttlSeconds']);
    }
  });

  it('is asked for by everything that is a customer’s', async () => {
    const commands = [
      ['save', { input: { paymentMethod: card() } }],
      ['complete', { setupId: 'pms_nobody' }],
      ['setDefault', { id: 'spm_nobody' }],
      ['remove', { id: 'spm_nobody' }],
    ] as const;
    for (const [name, variables] of commands)
      await assert.rejects(manage(store, undefined, name, variables), /UNAUTHENTICATED/, name);
    const cart = await store.readyCart((people += 1));
    await assert.rejects(store.submit(cart, { paymentMethod: card(), savePaymentMethod: true }), /UNAUTHENTICATED/);
    await assert.rejects(store.submit(cart, { paymentMethod: null, savedPaymentMethodId: 'spm_nobody' }), /UNAUTHENTICATED/);
  });
});

describe('a payment method', () => {
  it('is saved, made the default and removed, twice each', async () => {
    const ada = await somebody();
    const first = await saved(store, ada.token, card());
    assert.deepEqual(
      [first.gateway, first.kind, first.brand, first.last4, first.isDefault],
      ['stripe', 'card', 'visa', '4242', true],
    );
    const second = await saved(store, ada.token, 'pm_card_mastercard');
    assert.equal(second.isDefault, false);
    for (let time = 1; time <= 2; time += 1) {
      const { paymentMethods } = await manage(store, ada.token, 'setDefault', { id: second.id });
      assert.deepEqual(
        paymentMethods?.map(({ id, isDefault }) => [id, isDefault]),
        [
          [second.id, true],
          [first.id, false],
        ],
      );
    }
    for (let time = 1; time <= 2; time += 1) {
      const { paymentMethods } = await manage(store, ada.token, 'remove', { id: second.id });
      assert.deepEqual(
        paymentMethods?.map(({ id, isDefault }) => [id, isDefault]),
        [[first.id, true]],
      );
    }
    assert.equal((await manage(store, ada.token, 'setDefault', { id: second.id })).code, 'NOT_FOUND');
    const third = await saved(store, ada.token, card(), { makeDefault: true });
    assert.equal(third.isDefault, true);
  });

  it('of somebody else is not there', async () => {
    const [ada, eve] = [await somebody(), await somebody()];
    const { id } = await saved(store, ada.token, card());
    assert.equal((await manage(store, eve.token, 'setDefault', { id })).code, 'NOT_FOUND');
    assert.deepEqual((await manage(store, eve.token, 'remove', { id })).paymentMethods, []);
    const paid = await submit(eve, { savedPaymentMethodId: id });
    assert.equal(paid.code, 'NOT_FOUND', JSON.stringify(paid));
    assert.deepEqual(await last4Of(ada), ['4242']);
  });

  it('that must be authenticated is saved afterwards, and by its owner only', async () => {
    const [ada, eve] = [await somebody(), await somebody()];
    const asked = await manage(store, ada.token, 'save', {
      input: { paymentMethod: 'pm_card_authenticationRequired', returnUrl: 'https://shop.example/account' },
    });
    assert.equal(asked.__typename, 'PaymentMethodActionRequired', JSON.stringify(asked));
    const { setupId, redirectUrl } = asked;
    assert.equal((await manage(store, ada.token, 'complete', { setupId })).__typename, 'PaymentMethodActionRequired');
    assert.equal((await manage(store, eve.token, 'complete', { setupId })).code, 'NOT_FOUND');
    assert.ok(await store.authenticate(redirectUrl ?? '', 'complete'));
    const done = await manage(store, ada.token, 'complete', { setupId });
    assert.equal(done.paymentMethod?.last4, '3184', JSON.stringify(done));
    assert.deepEqual((await manage(store, ada.token, 'complete', { setupId })).paymentMethod, done.paymentMethod);
    assert.deepEqual(await last4Of(ada), ['3184']);
  });

  it('that was to become the default does so once', async () => {
    const ada = await somebody();
    const { id } = await saved(store, ada.token, card());
    const { setupId, redirectUrl } = await manage(store, ada.token, 'save', {
      input: { paymentMethod: 'pm_card_authenticationRequired', returnUrl: 'https://shop.example/account', makeDefault: true },
    });
    assert.ok(await store.authenticate(redirectUrl ?? '', 'complete'));
    assert.equal((await manage(store, ada.token, 'complete', { setupId })).paymentMethod?.isDefault, true);
    await manage(store, ada.token, 'setDefault', { id });
    assert.equal((await manage(store, ada.token, 'complete', { setupId })).paymentMethod?.isDefault, false);
  });

  it('that is refused, or not authenticated, is not saved', async () => {
    const ada = await somebody();
    const declined = await manage(store, ada.token, 'save', { input: { paymentMethod: 'pm_card_chargeDeclined' } });
    assert.equal(declined.__typename, 'PaymentMethodDeclined', JSON.stringify(declined));
    const { setupId, redirectUrl } = await manage(store, ada.token, 'save', {
      input: { paymentMethod: 'pm_card_authenticationRequired', returnUrl: 'https://shop.example/account' },
    });
    assert.ok(await store.authenticate(redirectUrl ?? '', 'fail'));
    assert.equal((await manage(store, ada.token, 'complete', { setupId })).__typename, 'PaymentMethodDeclined');
    const number = await manage(store, ada.token, 'save', { input: { paymentMethod: '4242424242424242' } });
    assert.deepEqual([number.code, number.field], ['INVALID_INPUT', 'paymentMethod']);
    assert.deepEqual(await last4Of(ada), []);
  });

  it('stays when the vault does not answer, and goes when it does', async () => {
    const ada = await somebody();
    const { id } = await saved(store, ada.token, card());
    await store.gateway.addFault({ match: ANY_DETACH, effect: { kind: 'status', status: 503, stage: 'before' } });
    await assert.rejects(manage(store, ada.token, 'remove', { id }), /GATEWAY_UNAVAILABLE/);
    assert.deepEqual(await last4Of(ada), ['4242']);
    await store.gateway.clearFaults();
    await store.gateway.addFault({ match: ANY_DETACH, times: 1, effect: { kind: 'drop', stage: 'after' } });
    const removed = await untilAnswered(() => manage(store, ada.token, 'remove', { id }));
    assert.deepEqual(removed.paymentMethods, []);
    const paid = await submit(ada, { savedPaymentMethodId: id });
    assert.equal(paid.code, 'NOT_FOUND');
  });
});

describe('a checkout', () => {
  it('saves the method that it was paid with, and the next one pays with it', async () => {
    const ada = await somebody();
    const first = await submit(ada, { paymentMethod: card(), savePaymentMethod: true });
    assert.equal(first.__typename, 'CheckoutPlaced', JSON.stringify(first));
    const [method] = (await me(store, ada.token))?.paymentMethods ?? [];
    assert.deepEqual([method?.last4, method?.isDefault], ['4242', true]);
    const second = await submit(ada, { savedPaymentMethodId: method?.id });
    assert.equal(second.__typename, 'CheckoutPlaced', JSON.stringify(second));
    assert.equal((await last4Of(ada)).length, 1);
    const both = await submit(ada, { savedPaymentMethodId: method?.id, paymentMethod: card() });
    assert.deepEqual([both.code, both.field], ['INVALID_INPUT', 'savedPaymentMethodId']);
  });

  it('that is authenticated saves the method afterwards; a declined one saves nothing', async () => {
    const ada = await somebody();
    const declined = await submit(ada, { paymentMethod: 'pm_card_chargeDeclined', savePaymentMethod: true });
    assert.equal(declined.__typename, 'CheckoutDeclined', JSON.stringify(declined));
    const asked = await submit(ada, {
      paymentMethod: 'pm_card_threeDSecure2Required',
      savePaymentMethod: true,
      returnUrl: 'https://shop.example/cart',
    });
    assert.equal(asked.__typename, 'CheckoutActionRequired', JSON.stringify(asked));
    assert.deepEqual(await last4Of(ada), []);
    assert.ok(await store.authenticate(asked.redirectUrl ?? '', 'complete'));
    await waitFor(async () => (await last4Of(ada)).length === 1, { what: 'the method to be saved' });
  });

  it('that was paid is told again though the session is over and the method is gone', async () => {
    const ada = await somebody();
    const { id } = await saved(store, ada.token, card());
    const cart = await store.readyCart((people += 1));
    const input = { paymentMethod: null, savedPaymentMethodId: id };
    const placed = await store.submit(cart, input, sessionOf(ada.token));
    await manage(store, ada.token, 'remove', { id });
    assert.deepEqual((await store.submit(cart, input, sessionOf(ada.token))).order, placed.order);
    assert.deepEqual((await store.submit(cart, input)).order, placed.order);
  });

  it('takes store credit from the customer of the session', async () => {
    const [ada, eve] = [await somebody(), await somebody()];
    await store.admin('mutation C($input: StoreCreditIssueInput!) { storeCreditIssue(input: $input) { __typename } }', {
      input: {
        email: ada.email,
        amount: { amount: 700, currency: 'USD' },
        reason: 'goodwill',
        reference: ada.id,
        actor: 'operator',
      },
    });
    const cart = await store.readyCart((people += 1));
    const apply = async (headers: Record<string, string>) => {
      const { answer } = await store.query<{
        answer: { __typename: string; code?: string; cart?: { version: number; amountDue: { amount: number } } };
      }>(
        `mutation A($input: CartRefInput!) { answer: cartStoreCreditApply(input: $input) {
          __typename ... on CartPayload { cart { version amountDue { amount } } } ... on InputError { code field } } }`,
        { input: { token: cart.token } },
        { headers },
      );
      return answer;
    };
    await assert.rejects(apply({}), /UNAUTHENTICATED/);
    assert.equal((await apply(sessionOf(eve.token))).code, 'NOT_FOUND');
    const applied = await apply(sessionOf(ada.token));
    assert.equal(applied.cart?.amountDue.amount, cart.total - 700, JSON.stringify(applied));
    const placed = await store.submit({ ...cart, version: applied.cart?.version ?? 0 });
    assert.equal(placed.__typename, 'CheckoutPlaced', JSON.stringify(placed));
  });
});

describe('an authorization that is about to lapse', () => {
  it('is renewed with the saved method, and can be captured', async () => {
    const ada = await somebody();
    const method = await saved(store, ada.token, card());
    await store.gateway.setAuthorizationSeconds(10);
    const { order: placed } = await submit(ada, { savedPaymentMethodId: method.id });
    assert.equal(placed?.paymentStatus, 'AUTHORIZED');
    const id = placed.id;
    const total = placed.totals.total.amount;
    // The renewed one is good for longer than this test.
    await store.gateway.setAuthorizationSeconds(7 * 86_400);
    await waitFor(async () => (await intentsOf(id)).length === 2, { what: 'the authorization to be renewed', timeoutMs: 30_000 });
    await waitFor(async () => (await intentsOf(id)).reduce((sum, { authorized }) => sum + authorized, 0) === total, {
      what: 'the old one to be released',
    });
    assert.deepEqual(await incidentsOf(id), []);
    const now = await readOrder(store, id);
    assert.equal(now.paymentStatus, 'AUTHORIZED');
    const captured = await give(store, 'capture', { orderId: id, version: now.version });
    assert.equal(captured.order?.paymentStatus, 'CAPTURED', JSON.stringify(captured));
    assert.deepEqual(
      (await intentsOf(id)).map((intent) => intent.captured),
      [0, total],
    );
  });

  it('is renewed though the gateway will not release the old one, whose end changes nothing', async () => {
    const ada = await somebody();
    await store.gateway.setAuthorizationSeconds(10);
    const { order: placed } = await submit(ada, { paymentMethod: card(), savePaymentMethod: true });
    const id = placed?.id ?? '';
    await store.gateway.setAuthorizationSeconds(7 * 86_400);
    await store.gateway.addFault({
      match: { method: 'POST', path: '/v1/payment_intents/*/cancel' },
      times: 1,
      effect: { kind: 'status', status: 400, stage: 'before' },
    });
    await waitFor(async () => (await store.gateway.faults()).some(({ applied }) => applied === 1), {
      what: 'the old one to be released in vain',
      timeoutMs: 30_000,
    });
    const [old, renewed] = await intentsOf(id);
    assert.deepEqual([old?.authorized, renewed?.authorized], [placed?.totals.total.amount, placed?.totals.total.amount]);
    await store.gateway.lapseAuthorization(old?.paymentIntent ?? '');
    await waitFor(async () => (await store.gateway.webhooks()).pending === 0, { what: 'the lapse to be told' });
    const now = await readOrder(store, id);
    const captured = await give(store, 'capture', { orderId: id, version: now.version });
    assert.equal(captured.order?.paymentStatus, 'CAPTURED', JSON.stringify(captured));
    assert.deepEqual(await incidentsOf(id), []);
  });

  it('whose renewal the bank refuses calls a person, and can still be captured', async () => {
    const ada = await somebody();
    await store.gateway.setAuthorizationSeconds(10);
    const { order: placed } = await submit(ada, { paymentMethod: card(), savePaymentMethod: true });
    const id = placed?.id ?? '';
    await store.gateway.addFault({
      match: { method: 'POST', path: '/v1/payment_intents' },
      times: 1,
      effect: { kind: 'decline', code: 'insufficient_funds' },
    });
    await waitFor(async () => (await incidentsOf(id)).includes('authorization_expiring'), {
      what: 'the incident',
      timeoutMs: 30_000,
    });
    const now = await readOrder(store, id);
    assert.equal(now.paymentStatus, 'AUTHORIZED');
    const captured = await give(store, 'capture', { orderId: id, version: now.version });
    assert.equal(captured.order?.paymentStatus, 'CAPTURED', JSON.stringify(captured));
    assert.deepEqual(
      (await intentsOf(id)).map((intent) => intent.captured),
      [placed?.totals.total.amount, 0],
    );
  });

  it('without a saved method calls a person, and can still be captured', async () => {
    await store.gateway.setAuthorizationSeconds(10);
    const { order: placed } = await store.submit(await store.readyCart((people += 1)));
    const id = placed?.id ?? '';
    await waitFor(async () => (await incidentsOf(id)).includes('authorization_expiring'), {
      what: 'the incident',
      timeoutMs: 30_000,
    });
    const now = await readOrder(store, id);
    const captured = await give(store, 'capture', { orderId: id, version: now.version });
    assert.equal(captured.order?.paymentStatus, 'CAPTURED', JSON.stringify(captured));
    assert.equal((await intentsOf(id)).length, 1);
  });
});

describe('Temporal’s histories and the tables', () => {
  it('hold no session and no card number', async () => {
    const ada = await somebody();
    const { id } = await saved(store, ada.token, card());
    const { order } = await submit(ada, { savedPaymentMethodId: id });
    assert.ok(order);
    const number = '5555555555554444';
    assert.equal((await submit(ada, { paymentMethod: number, savePaymentMethod: true })).code, 'INVALID_INPUT');
    assert.equal((await manage(store, ada.token, 'save', { input: { paymentMethod: number } })).code, 'INVALID_INPUT');
    const histories = await workflowSources(store.stack.config);
    assert.ok(histories.some(({ text }) => text.includes(order.id)));
    for (const { name, text } of [...histories, ...(await tableSources(store.database))]) {
      assert.ok(!text.includes(ada.token), `${name} holds the session`);
      assert.ok(!text.includes(number), `${name} holds a card number`);
    }
  });
});
