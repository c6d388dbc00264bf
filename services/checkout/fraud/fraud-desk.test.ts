import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ephemeral, openDatabase, type Database } from '../../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../../adapters/postgres/unit-of-work.ts';
import type { CheckoutSnapshot } from '../../../domain/checkout/checkout-store.ts';
import type { FraudAssessment } from '../../../domain/checkout/fraud/assess-fraud.ts';
import type { RuleSetVersionState } from '../../../domain/checkout/fraud/rule-set.ts';
import type { GatewayPayment } from '../../../domain/payments/gateway.ts';
import { createIdGenerator } from '../../../platform/ids.ts';
import { fillStore, type TestCatalog } from '../../../tests/support/demo-catalog.ts';
import { startTestDatabase, type TestDatabase } from '../../../tests/support/test-database.ts';
import type { Work } from '../../stores.ts';
import { assessCheckout } from '../assess-checkout.ts';
import { createKeyedHash } from '../cart-tokens.ts';
import { askScorer, type ScorerUse } from './ask-scorer.ts';
import { createFraudDesk, type FraudDesk } from './fraud-desk.ts';
import type { PaidFacts } from './gather-facts.ts';
import { recordFraudOutcome } from './record-fraud-outcome.ts';

const newId = createIdGenerator();
const keyedHash = createKeyedHash('a-secret-of-this-test');

let server: TestDatabase;
let database: Database;
let catalog: TestCatalog;
let work: Work;
let desk: FraudDesk;

before(async () => {
  server = await startTestDatabase();
  database = openDatabase({ url: server.url, poolSize: 8 });
  catalog = await fillStore(database, [{ sku: 'CAP', price: 2_000, stock: 100 }]);
  work = createUnitOfWork(database);
  desk = createFraudDesk({ work, newId, keyedHash, now: () => new Date() });
});

after(async () => {
  await database.close();
  await server.close();
});

const run = (text: string, ...values: unknown[]): Promise<number> => database.run(ephemeral(text), values);
const rows = <Row>(text: string, ...values: unknown[]): Promise<Row[]> => database.rows<Row>(ephemeral(text), values);

/** A channel of its own, so that rule sets of one test decide nothing in another. */
async function newChannel(): Promise<string> {
  const id = newId('channel');
  await run(
    "INSERT INTO channels (id, code, name, default_currency, currencies, order_prefix) VALUES ($1, $1, 'Another', 'USD', '{USD}', $1)",
    id,
  );
  return id;
}

interface Buyer {
  readonly email?: string;
  readonly country?: string;
  readonly network?: string;
}

interface StoredCheckout {
  readonly id: string;
  readonly orderId: string;
  readonly channelId: string;
  readonly currency: string;
  readonly keys: { email: string; address: string; network: string };
  readonly snapshot: CheckoutSnapshot;
}

/** A checkout as it lies in the database. */
async function storedCheckout(
  channelId: string,
  { email = `${newId('cart')}@example.com`, country = 'US', network = newId('request') }: Buyer = {},
  { status = 'processing', deadlineSeconds = 600, cardKey = null as string | null } = {},
): Promise<StoredCheckout> {
  const [id, cartId, orderId] = [newId('checkout'), newId('cart'), newId('order')];
  const address = {
    firstName: 'Ada',
    lastName: 'Lovelace',
    line1: id,
    city: 'New York',
    postalCode: '10001',
    countryCode: country,
  };
  const snapshot = {
    email,
    shippingAddress: address,
    billingAddress: address,
    totals: { total: 5_000 },
    channel: { fraudSettings: {} },
  } as unknown as CheckoutSnapshot;
  const keys = {
    email: keyedHash('email', email.toLowerCase()),
    address: keyedHash('address', id),
    network: keyedHash('network', network),
  };
  await run(
    "INSERT INTO carts (id, token_hash, channel_id, currency) VALUES ($1, $2, $3, 'USD')",
    cartId,
    Buffer.from(cartId),
    channelId,
  );
  await run(
    `INSERT INTO checkouts (id, cart_id, channel_id, attempt, order_id, status, currency, total, snapshot, payment_method, email_key, address_key,
       network_key, card_key, hold_expires_at, review_deadline)
     VALUES ($1, $2, $3, 1, $4, $5, 'USD', 5000, $6, 'pm_1', $7, $8, $9, $10, now() + interval '1 hour', now() + make_interval(secs => $11))`,
    ...[id, cartId, channelId, orderId, status, snapshot, keys.email, keys.address, keys.network, cardKey, deadlineSeconds],
  );
  return { id, orderId, channelId, currency: 'USD', keys, snapshot };
}

const assess = (checkout: StoredCheckout, paid?: PaidFacts): Promise<FraudAssessment> =>
  work.transaction((stores) => assessCheckout(stores, checkout, paid));

async function version(
  channelId: string | null,
  settings: object,
  ...moves: Exclude<RuleSetVersionState, 'draft'>[]
): Promise<string> {
  const { id } = await desk.ruleSets.createVersion({ channelId, settings, actor: 'ada' });
  for (const to of moves) await desk.ruleSets.move({ versionId: id, to, actor: 'ada' });
  return id;
}

const audited = async (subjectId: string): Promise<string[]> =>
  (await rows<{ action: string }>('SELECT action FROM audit_log WHERE subject_id = $1 ORDER BY id', subjectId)).map(
    ({ action }) => action,
  );

const always = (weight: number) => ({
  customRules: [{ name: 'always', label: 'Always', weight, when: { fact: 'amount', op: '>=', value: 0 } }],
});

describe('rule sets', () => {
  it('decide by the one active version; taking up an earlier one is the rollback', async () => {
    const channelId = await newChannel();
    assert.equal((await assess(await storedCheckout(channelId))).ruleSetVersionId, undefined, "the channel's settings decide");
    const first = await version(channelId, always(10), 'active');
    const second = await version(channelId, always(60), 'shadow', 'active');
    const strict = await assess(await storedCheckout(channelId));
    assert.deepEqual([strict.decision, strict.ruleSetVersionId], ['review', second]);
    assert.equal((await desk.ruleSets.find(first))?.state, 'retired');

    await desk.ruleSets.move({ versionId: first, to: 'active', actor: 'grace', note: 'too many reviews' });
    const mild = await assess(await storedCheckout(channelId));
    assert.deepEqual([mild.decision, mild.score, mild.ruleSetVersionId], ['accept', 10, first]);
    assert.deepEqual(await audited(second), ['fraud_rule_set.version_created', 'fraud_rule_set.shadow', 'fraud_rule_set.active']);
    assert.deepEqual(await audited(first), ['fraud_rule_set.version_created', 'fraud_rule_set.active', 'fraud_rule_set.active']);

    await desk.ruleSets.move({ versionId: first, to: 'retired', actor: 'ada' });
    assert.equal((await assess(await storedCheckout(channelId))).ruleSetVersionId, undefined);
  });

  it("prefer a channel's own version to that of all channels", async () => {
    const [one, other] = [await newChannel(), await newChannel()];
    const everywhere = await version(null, always(20), 'active');
    const own = await version(one, always(30), 'active');
    assert.equal((await assess(await storedCheckout(one))).ruleSetVersionId, own);
    assert.equal((await assess(await storedCheckout(other))).ruleSetVersionId, everywhere);
    await desk.ruleSets.move({ versionId: everywhere, to: 'retired', actor: 'ada' });
  });

  it('have one active version however many are activated at once', async () => {
    const channelId = await newChannel();
    const versions = await Promise.all(Array.from({ length: 6 }, (_, index) => version(channelId, always(index + 1))));
    await Promise.all(versions.map((versionId) => desk.ruleSets.move({ versionId, to: 'active', actor: 'ada' })));
    const { items } = await desk.ruleSets.list({ first: 50 }, { channelId });
    assert.deepEqual(items.map(({ number }) => number).sort(), [1, 2, 3, 4, 5, 6]);
    assert.equal(items.filter(({ state }) => state === 'active').length, 1);
    assert.equal(items.filter(({ state }) => state === 'retired').length, 5);
  });

  it('never change what a version says, not even by hand', async () => {
    const id = await version(await newChannel(), always(1));
    await assert.rejects(
      run(`UPDATE fraud_rule_set_versions SET settings = '{"reviewAt":1}' WHERE id = $1`, id),
      /never changes/,
    );
  });

  it('refuse moves that make no sense, unknown channels and a crowd in shadow', async () => {
    const channelId = await newChannel();
    const active = await version(channelId, {}, 'active');
    await assert.rejects(desk.ruleSets.move({ versionId: active, to: 'shadow', actor: 'ada' }), { code: 'INVALID_TRANSITION' });
    await assert.rejects(desk.ruleSets.move({ versionId: newId('fraudRuleSetVersion'), to: 'active', actor: 'ada' }), {
      code: 'NOT_FOUND',
      field: 'id',
    });
    await assert.rejects(desk.ruleSets.createVersion({ channelId: 'chan_none', settings: {}, actor: 'ada' }), {
      code: 'NOT_FOUND',
      field: 'channelId',
    });
    await assert.rejects(desk.ruleSets.createVersion({ channelId, settings: { reviewAt: 'high' }, actor: 'ada' }), {
      code: 'INVALID_INPUT',
      field: 'reviewAt',
    });
    for (let shadows = 0; shadows < 3; shadows += 1) await version(channelId, {}, 'shadow');
    await assert.rejects(version(channelId, {}, 'shadow'), { code: 'CONFLICT' });
  });
});

describe('shadow mode', () => {
  it('compares what a version would have done, once for each checkout, and with the outcomes', async () => {
    const channelId = await newChannel();
    const shadow = await version(channelId, { ...always(90), rejectAt: 80 }, 'shadow');
    const checkouts = await Promise.all(Array.from({ length: 5 }, () => storedCheckout(channelId, {}, { status: 'placed' })));
    for (const checkout of checkouts) {
      assert.equal((await assess(checkout)).decision, 'accept');
      assert.equal((await assess(checkout, { told: { riskScore: 1 }, cardKey: undefined })).decision, 'accept');
    }
    const [bad, good] = checkouts;
    assert.ok(bad && good);
    await desk.reportOutcome({ orderId: bad.orderId, outcome: 'chargeback', source: 'operator', actor: 'ada' });
    await desk.reportOutcome({ checkoutId: good.id, outcome: 'legitimate', source: 'operator', actor: 'ada' });

    const report = await desk.statistics.shadow(shadow, {});
    assert.deepEqual(report.cells, [{ activeDecision: 'accept', decision: 'reject', checkouts: 5, bad: 1, good: 1 }]);
    assert.deepEqual([report.checkouts, report.disagreements], [5, 5]);
    assert.deepEqual(report.shadow.reject, { checkouts: 5, bad: 1, good: 1 });
    assert.deepEqual(report.active.accept, { checkouts: 5, bad: 1, good: 1 });

    const first = await desk.statistics.disagreements(shadow, { first: 3 });
    const rest = await desk.statistics.disagreements(shadow, { first: 3, after: first.cursors.at(-1) ?? '' });
    assert.deepEqual([first.hasNextPage, rest.hasNextPage], [true, false]);
    const seen = [...first.items, ...rest.items].map(({ checkoutId }) => checkoutId);
    assert.deepEqual(
      seen,
      checkouts
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
    assert.deepEqual(await desk.statistics.rules({ versionId: shadow }), [{ rule: 'custom:always', fired: 5, bad: 1, good: 1 }]);
  });

  it('forgets results after 120 days, two with each new one', async () => {
    const channelId = await newChannel();
    const shadow = await version(channelId, {}, 'shadow');
    for (let count = 0; count < 3; count += 1) await assess(await storedCheckout(channelId));
    await run("UPDATE fraud_shadow_results SET assessed_at = now() - interval '121 days' WHERE version_id = $1", shadow);
    const stored = async (): Promise<number> =>
      (await rows('SELECT 1 FROM fraud_shadow_results WHERE version_id = $1', shadow)).length;
    await assess(await storedCheckout(channelId));
    assert.equal(await stored(), 2);
    await assess(await storedCheckout(channelId));
    assert.equal(await stored(), 2);
  });
});

describe('the lists', () => {
  const add = (entry: Partial<Parameters<FraudDesk['lists']['add']>[0]>) =>
    desk.lists.add({
      effect: 'block',
      kind: 'email',
      label: 'Known fraudster',
      reason: 'Told by the bank',
      actor: 'ada',
      ...entry,
    });

  it('block before payment whatever is known then, and the card after', async () => {
    const channelId = await newChannel();
    const listed: [Buyer, Parameters<typeof add>[0]][] = [
      [{ email: 'Mallory@evil.example' }, { kind: 'email', value: 'mallory@Evil.example' }],
      [{ email: 'x@mail.fraud.example' }, { kind: 'email_domain', value: 'Fraud.example' }],
      [{ network: '203.0.113.9' }, { kind: 'network', value: '203.0.113.9' }],
      [{ country: 'AQ' }, { kind: 'country', value: 'AQ' }],
    ];
    for (const [buyer, entry] of listed) {
      assert.equal((await assess(await storedCheckout(channelId, buyer))).decision, 'accept', entry.kind);
      const { id } = await add(entry);
      const { decision, reasons } = await assess(await storedCheckout(channelId, buyer));
      assert.equal(decision, 'reject', entry.kind);
      assert.ok(reasons[0]?.rule === 'block_list' && reasons[0].detail.includes(id));
      assert.ok(!JSON.stringify(reasons).includes('allory'));
    }
    await add({ kind: 'card', value: 'fp_stolen' });
    const checkout = await storedCheckout(channelId);
    assert.equal((await assess(checkout)).decision, 'accept');
    const paid = { told: { method: { fingerprint: 'fp_stolen' } }, cardKey: keyedHash('card', 'fp_stolen') };
    assert.equal((await assess(checkout, paid)).decision, 'reject');
  });

  it('take the keys of a checkout, trust beside a block never wins, and an entry that expired says nothing', async () => {
    const channelId = await newChannel();
    await version(channelId, always(100), 'active');
    const email = 'regular@example.com';
    const checkout = await storedCheckout(channelId, { email }, { cardKey: keyedHash('card', 'fp_regular') });
    const decision = async () => (await assess(await storedCheckout(channelId, { email }))).decision;
    assert.equal(await decision(), 'reject');
    const allowed = await add({ effect: 'allow', checkoutId: checkout.id, expiresAt: new Date(Date.now() + 60_000) });
    assert.equal(await decision(), 'accept');
    const blocked = await add({ checkoutId: checkout.id });
    assert.equal(await decision(), 'reject');
    await desk.lists.remove({ id: blocked.id, actor: 'grace' });
    assert.equal(await decision(), 'accept');
    await run("UPDATE fraud_list_entries SET expires_at = now() - interval '1 second' WHERE id = $1", allowed.id);
    assert.equal(await decision(), 'reject');
    assert.deepEqual(await audited(blocked.id), ['fraud_list.entry_added', 'fraud_list.entry_removed']);
  });

  it('hold one entry for each thing, however often and from where it is added; no value of a person is stored', async () => {
    const entries = await Promise.all(
      Array.from({ length: 5 }, (_, index) => add({ value: 'twice@example.com', reason: `reason ${index}` })),
    );
    assert.equal(new Set(entries.map(({ id }) => id)).size, 1);
    const stored = await rows<{ text: string }>(
      'SELECT e::text AS text FROM fraud_list_entries e UNION ALL SELECT detail::text FROM audit_log',
    );
    assert.ok(stored.every(({ text }) => !/twice@example|mallory@evil|203\.0\.113\.9|fp_stolen/i.test(text)));
  });

  it('refuse what cannot be meant', async () => {
    const wrong: [Parameters<typeof add>[0], string, string][] = [
      [{}, 'INVALID_INPUT', 'value'],
      [{ value: 'a@b.example', checkoutId: 'chk_1' }, 'INVALID_INPUT', 'value'],
      [{ value: 'nobody' }, 'INVALID_INPUT', 'value'],
      [{ value: 'eve@example.com', label: 'Eve (EVE@example.com)' }, 'INVALID_INPUT', 'label'],
      [{ value: 'eve@example.com', reason: 'eve@example.com again' }, 'INVALID_INPUT', 'reason'],
      [{ kind: 'card', value: '4242 4242 4242 4242' }, 'INVALID_INPUT', 'value'],
      [{ kind: 'country', value: 'us' }, 'INVALID_INPUT', 'value'],
      [{ kind: 'country', checkoutId: 'chk_1' }, 'INVALID_INPUT', 'checkoutId'],
      [{ kind: 'email_domain', value: 'eve@example.com' }, 'INVALID_INPUT', 'value'],
      [{ kind: 'network', value: '10.0.0.999' }, 'INVALID_INPUT', 'value'],
      [{ kind: 'address', value: '1 Main St' }, 'INVALID_INPUT', 'value'],
      [{ value: 'eve@example.com', expiresAt: new Date(0) }, 'INVALID_INPUT', 'expiresAt'],
      [{ checkoutId: newId('checkout') }, 'NOT_FOUND', 'checkoutId'],
      [{ kind: 'card', checkoutId: (await storedCheckout(catalog.channelId)).id }, 'NOT_FOUND', 'checkoutId'],
    ];
    for (const [entry, code, field] of wrong) await assert.rejects(add(entry), { code, field }, JSON.stringify(entry));
    await assert.rejects(desk.lists.remove({ id: newId('fraudListEntry'), actor: 'ada' }), { code: 'NOT_FOUND' });
  });

  it('are read page by page', async () => {
    for (const value of ['a.example', 'b.example', 'c.example']) await add({ effect: 'allow', kind: 'email_domain', value });
    const first = await desk.lists.list({ first: 2 }, { effect: 'allow', kind: 'email_domain' });
    const rest = await desk.lists.list({ first: 2, after: first.cursors[1] ?? '' }, { effect: 'allow', kind: 'email_domain' });
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ key }) => key),
      ['c.example', 'b.example', 'a.example'],
    );
    assert.deepEqual([first.hasNextPage, rest.hasNextPage], [true, false]);
  });
});

describe('the review queue', () => {
  it('shows the nearest deadline first, page by page', async () => {
    const channelId = await newChannel();
    const ids: Record<number, string> = {};
    for (const seconds of [300, 100, 500, 200, 400])
      ids[seconds] = (await storedCheckout(channelId, {}, { status: 'in_review', deadlineSeconds: seconds })).id;
    await storedCheckout(channelId, {}, { status: 'placed' });
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await desk.reviews.queue({ first: 2, ...(after !== undefined && { after }) }, { channelId });
      seen.push(...page.items.map(({ checkout }) => checkout.id));
      after = page.hasNextPage ? page.cursors.at(-1) : undefined;
    } while (after !== undefined);
    assert.deepEqual(seen, [ids[100], ids[200], ids[300], ids[400], ids[500]]);
    await assert.rejects(desk.reviews.queue({ after: 'nonsense' }, {}), { code: 'INVALID_INPUT', field: 'after' });
  });

  it('gives a review to one operator of many; the claim ends by release or in time', async () => {
    const channelId = await newChannel();
    const { id: checkoutId } = await storedCheckout(channelId, {}, { status: 'in_review' });
    const operators = Array.from({ length: 8 }, (_, index) => `operator ${index}`);
    const claims = await Promise.allSettled(operators.map((actor) => desk.reviews.claim({ checkoutId, actor })));
    const winners = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value.claim?.operator ?? ''] : []));
    assert.equal(winners.length, 1);
    for (const claim of claims)
      if (claim.status === 'rejected') assert.equal((claim.reason as { code: string }).code, 'CONFLICT');
    const [winner = ''] = winners;
    const loser = operators.find((operator) => operator !== winner) ?? '';
    await assert.rejects(desk.reviews.assertMayDecide(checkoutId, loser), { code: 'CONFLICT' });
    await desk.reviews.assertMayDecide(checkoutId, winner);
    await assert.rejects(desk.reviews.release({ checkoutId, actor: loser }), { code: 'CONFLICT' });
    assert.equal((await desk.reviews.claim({ checkoutId, actor: winner, minutes: 60 })).claim?.operator, winner, 'extended');
    assert.equal((await desk.reviews.queue({}, { channelId, claimed: false })).items.length, 0);

    assert.equal((await desk.reviews.release({ checkoutId, actor: winner })).claim, undefined);
    assert.equal((await desk.reviews.claim({ checkoutId, actor: loser })).claim?.operator, loser);
    await run("UPDATE fraud_review_claims SET expires_at = now() - interval '1 second' WHERE checkout_id = $1", checkoutId);
    await desk.reviews.assertMayDecide(checkoutId, winner);
    assert.equal((await desk.reviews.claim({ checkoutId, actor: winner })).claim?.operator, winner);
  });

  it('keeps notes, and refuses what is not in review', async () => {
    const { id: checkoutId } = await storedCheckout(catalog.channelId, {}, { status: 'in_review' });
    await desk.reviews.addNote({ checkoutId, text: 'no answer', actor: 'ada' });
    await desk.reviews.addNote({ checkoutId, text: 'called back', actor: 'grace' });
    const { items } = await desk.reviews.notes(checkoutId, {});
    assert.deepEqual(
      items.map(({ text, actor }) => [text, actor]),
      [
        ['called back', 'grace'],
        ['no answer', 'ada'],
      ],
    );
    assert.equal((await desk.reviews.find(checkoutId))?.notes, 2);
    await run("UPDATE checkouts SET status = 'rejected' WHERE id = $1", checkoutId);
    await assert.rejects(desk.reviews.claim({ checkoutId, actor: 'ada' }), { code: 'INVALID_TRANSITION' });
    await assert.rejects(desk.reviews.claim({ checkoutId: newId('checkout'), actor: 'ada' }), { code: 'NOT_FOUND' });
    await assert.rejects(desk.reviews.claim({ checkoutId, actor: 'ada', minutes: 0 }), {
      code: 'INVALID_INPUT',
      field: 'minutes',
    });
  });
});

describe('outcomes', () => {
  it('count once for each dispute; the latest report stands', async () => {
    const { id: checkoutId, orderId } = await storedCheckout(catalog.channelId, {}, { status: 'placed' });
    const dispute = { orderId, outcome: 'chargeback', source: 'dispute', reference: 'dp_1', actor: 'stripe' } as const;
    const report = () => work.transaction((stores) => recordFraudOutcome(stores, dispute, newId));
    const reports = await Promise.all([report(), report(), report()]);
    assert.equal(new Set(reports.map(({ id }) => id)).size, 1);
    await desk.reportOutcome({
      checkoutId,
      outcome: 'false_positive',
      source: 'operator',
      actor: 'ada',
      note: 'The bank took it back',
    });
    await report();
    await desk.reportOutcome({ checkoutId, outcome: 'false_positive', source: 'operator', actor: 'grace' });
    const { items } = await desk.statistics.outcomes({}, { checkoutId });
    assert.deepEqual(
      items.map(({ outcome, current, actor }) => [outcome, current, actor]),
      [
        ['false_positive', true, 'ada'],
        ['chargeback', false, 'stripe'],
      ],
    );
    assert.deepEqual(await audited(checkoutId), ['fraud_outcome.chargeback', 'fraud_outcome.false_positive']);
    await assert.rejects(
      desk.reportOutcome({ checkoutId: newId('checkout'), outcome: 'legitimate', source: 'operator', actor: 'ada' }),
      { code: 'NOT_FOUND' },
    );
  });

  it('block the buyer after a chargeback where the settings say so, and leave an entry that is there as it is', async () => {
    const channelId = await newChannel();
    const email = 'charges-back@example.com';
    const cardKey = keyedHash('card', 'fp_back');
    const quiet = await storedCheckout(channelId, { email }, { cardKey });
    await desk.reportOutcome({ checkoutId: quiet.id, outcome: 'chargeback', source: 'operator', actor: 'ada' });
    assert.equal((await assess(await storedCheckout(channelId, { email }))).decision, 'accept', 'switched off');

    await version(channelId, { blockOnChargeback: ['email', 'card'] }, 'active');
    const known = await desk.lists.add({
      effect: 'block',
      kind: 'card',
      checkoutId: quiet.id,
      label: 'By hand',
      reason: 'Told by the bank',
      actor: 'ada',
    });
    const loud = await storedCheckout(channelId, { email }, { cardKey });
    await desk.reportOutcome({ checkoutId: loud.id, outcome: 'fraud_confirmed', source: 'operator', actor: 'ada' });
    assert.equal((await assess(await storedCheckout(channelId, { email }))).decision, 'accept', 'a chargeback only');
    await desk.reportOutcome({ checkoutId: loud.id, outcome: 'chargeback', source: 'operator', actor: 'ada' });
    assert.equal((await assess(await storedCheckout(channelId, { email }))).decision, 'reject');
    const { items } = await desk.lists.list({}, { kind: 'card' });
    assert.equal(items.find(({ id }) => id === known.id)?.label, 'By hand');
  });

  it('tell how often each rule was right', async () => {
    const channelId = await newChannel();
    await version(channelId, always(10), 'active');
    const outcomes = ['chargeback', 'fraud_confirmed', 'legitimate', undefined] as const;
    for (const outcome of outcomes) {
      const checkout = await storedCheckout(channelId, {}, { status: 'placed' });
      await run('UPDATE checkouts SET fraud = $2 WHERE id = $1', checkout.id, await assess(checkout));
      if (outcome) await desk.reportOutcome({ checkoutId: checkout.id, outcome, source: 'operator', actor: 'ada' });
    }
    assert.deepEqual(await desk.statistics.rules({ channelId }), [{ rule: 'custom:always', fired: 4, bad: 2, good: 1 }]);
    assert.deepEqual(await desk.statistics.rules({ channelId, to: new Date(Date.now() - 86_400_000) }), []);
    await assert.rejects(desk.statistics.rules({ from: new Date(0) }), { code: 'INVALID_INPUT', field: 'from' });
  });
});

describe('the scorer', () => {
  const told = { state: 'authorized', method: { fingerprint: 'fp_scored', country: 'US' } } as GatewayPayment;
  const failures: unknown[] = [];
  const use = (score: ScorerUse['scorer']['score'], onFailure: ScorerUse['onFailure']): ScorerUse => ({
    scorer: { name: 'test', score },
    timeoutMs: 50,
    onFailure,
    report: (error) => failures.push(error),
  });
  const ask = (checkoutId: string, scorer: ScorerUse, payment = told) =>
    askScorer(work.stores, scorer, keyedHash, checkoutId, payment);

  it('is told numbers, codes and keyed hashes', async () => {
    const checkout = await storedCheckout(catalog.channelId, { email: 'secret@example.com' });
    let asked = '';
    const answer = await ask(
      checkout.id,
      use(async (facts) => {
        asked = JSON.stringify(facts);
        return { score: 70, reasons: ['test'] };
      }, 'ignore'),
    );
    assert.deepEqual(answer, { state: 'scored', scorer: 'test', score: 70, reasons: ['test'] });
    assert.ok(
      asked.includes(checkout.keys.email) &&
        asked.includes(keyedHash('card', 'fp_scored')) &&
        asked.includes('"card.country":"US"'),
    );
    assert.ok(!/secret|example|fp_scored|Lovelace|Main/.test(asked));
  });

  it('is not asked where nothing is assessed', async () => {
    const never = use(async () => assert.fail('asked'), 'review');
    const waiting = await storedCheckout(catalog.channelId, {}, { status: 'in_review' });
    const ended = await storedCheckout(catalog.channelId, {}, { status: 'placed' });
    const open = await storedCheckout(catalog.channelId);
    assert.equal(await ask(waiting.id, never), undefined);
    assert.equal(await ask(ended.id, never), undefined);
    assert.equal(await ask(open.id, never, { ...told, state: 'requires_action' }), undefined);
  });

  it('that is slow, down or talks nonsense is done without, or makes a person look', async () => {
    const { id } = await storedCheckout(catalog.channelId);
    const broken: ScorerUse['scorer']['score'][] = [
      () => new Promise(() => undefined),
      () => Promise.reject(new Error('down')),
      async () => ({ score: Number.NaN, reasons: [] }),
    ];
    for (const score of broken) {
      assert.equal(await ask(id, use(score, 'ignore')), undefined);
      assert.deepEqual(await ask(id, use(score, 'review')), { state: 'unavailable', scorer: 'test' });
    }
    assert.equal(failures.length, 6);
  });
});
