import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { createCheckoutProcess } from '../../temporal/runtime/checkout-process.ts';
import { connectClient } from '../../temporal/runtime/connection.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, untilAnswered, type ReadyCart, type SubmitAnswer, type TestStore } from '../support/store.ts';

const ERROR = '... on InputError { code field message }';

/** What the scorer does when it is asked. */
let scorer: { score: number } | 'hangs' | 'fails' = { score: 0 };
let questions: string[] = [];
let scorerServer: Server;
let store: TestStore;

before(async () => {
  scorerServer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      questions.push(Buffer.concat(chunks).toString());
      if (scorer === 'hangs') return;
      if (scorer === 'fails') response.writeHead(500).end();
      else response.end(JSON.stringify({ ...scorer, reasons: ['seen elsewhere'] }));
    });
  });
  await new Promise<void>((resolve) => scorerServer.listen(0, '127.0.0.1', resolve));
  store = await startStore([{ sku: 'CAP', price: 2_000, stock: 1_000 }], {
    env: {
      FRAUD_SCORER_URL: `http://127.0.0.1:${(scorerServer.address() as AddressInfo).port}/`,
      FRAUD_SCORER_SECRET: 'a-secret-of-this-test',
      FRAUD_SCORER_TIMEOUT_MS: '400',
      FRAUD_SCORER_ON_FAILURE: 'review',
    },
  });
});

after(async () => {
  await store.close();
  scorerServer.closeAllConnections();
  scorerServer.close();
});

interface Answer {
  readonly __typename: string;
  readonly code?: string;
  readonly field?: string;
  readonly message?: string;
}

async function command<Payload>(name: string, selection: string, payload: string, input: object): Promise<Answer & Payload> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation M($input: ${type}!) { answer: ${name}(input: $input) { __typename ... on ${payload} { ${selection} } ${ERROR} } }`;
  return (await store.admin<{ answer: Answer & Payload }>(document, { input })).answer;
}

interface VersionAnswer {
  readonly version: { readonly id: string; readonly state: string; readonly number: number };
}

async function createVersion(settings: object): Promise<string> {
  const created = await command<VersionAnswer>(
    'fraudRuleSetVersionCreate',
    'version { id state number }',
    'FraudRuleSetVersionPayload',
    {
      channelId: store.catalog.channelId,
      settings,
      actor: 'ada',
    },
  );
  assert.equal(created.version.state, 'DRAFT');
  return created.version.id;
}

const move = (id: string, to: 'SHADOW' | 'ACTIVE' | 'RETIRED'): Promise<Answer & VersionAnswer> =>
  command<VersionAnswer>('fraudRuleSetVersionMove', 'version { id state number }', 'FraudRuleSetVersionPayload', {
    id,
    to,
    actor: 'ada',
  });

const decide = (
  checkoutId: string | undefined,
  actor: string,
  decision: 'APPROVE' | 'REJECT' = 'APPROVE',
): Promise<Answer & { checkout?: { status: string } }> =>
  command('fraudReviewDecide', 'checkout { status }', 'FraudReviewPayload', { checkoutId, decision, actor });

const claim = (checkoutId: string | undefined, actor: string): Promise<Answer & { review?: { claim: { operator: string } } }> =>
  command('fraudReviewClaim', 'review { claim { operator } }', 'FraudReviewClaimPayload', { checkoutId, actor });

const always = (weight: number) => ({
  customRules: [{ name: 'always', label: 'Always', weight, when: { fact: 'amount', op: '>=', value: 0 } }],
});

interface Assessed {
  readonly id: string;
  readonly fraud: {
    readonly score: number;
    readonly ruleSetVersionId: string | null;
    readonly reasons: readonly { rule: string; weight: number; detail: string }[];
  };
}

async function latest(cart: ReadyCart): Promise<Assessed> {
  const [row] = await store.database.rows<{ id: string }>(
    ephemeral('SELECT id FROM checkouts WHERE cart_id = $1 ORDER BY attempt DESC LIMIT 1'),
    [cart.id],
  );
  const document =
    'query Q($id: ID!) { checkout(id: $id) { id fraud { score ruleSetVersionId reasons { rule weight detail } facts { name value } } } }';
  return (await store.admin<{ checkout: Assessed }>(document, { id: row?.id })).checkout;
}

const submit = (cart: ReadyCart): Promise<SubmitAnswer> => untilAnswered(() => store.submit(cart));

test('a version in shadow is asked about every checkout and changes none; its report tells what it would have done', async () => {
  const shadow = await createVersion({ ...always(1_000) });
  await move(shadow, 'SHADOW');
  const carts = [await store.readyCart(1), await store.readyCart(2)];
  for (const cart of carts) assert.equal((await submit(cart)).__typename, 'CheckoutPlaced');
  const { report, rules } = await store.admin<{
    report: { checkouts: number; disagreements: number; shadow: { reject: { checkouts: number } } };
    rules: object[];
  }>(
    `query Q($id: ID!) {
      report: fraudShadowReport(versionId: $id) { checkouts disagreements shadow { reject { checkouts } } active { accept { checkouts } } }
      rules: fraudRuleStatistics(versionId: $id) { rule fired bad good precision }
    }`,
    { id: shadow },
  );
  assert.deepEqual([report.checkouts, report.disagreements, report.shadow.reject.checkouts], [2, 2, 2]);
  assert.deepEqual(rules, [{ rule: 'custom:always', fired: 2, bad: 0, good: 0, precision: null }]);
  await move(shadow, 'RETIRED');
  await assertBooks(store);
});

test('who is blocked is refused before the gateway hears of it, until the entry is removed', async () => {
  const cart = await store.readyCart(3);
  const entry = {
    effect: 'BLOCK',
    kind: 'EMAIL',
    value: 'SHOPPER3@example.com',
    label: 'Third shopper',
    reason: 'Told by the bank',
    actor: 'ada',
  };
  const added = await command<{ entry: { id: string; value: string | null } }>(
    'fraudListEntryAdd',
    'entry { id value }',
    'FraudListEntryPayload',
    entry,
  );
  assert.equal(added.entry.value, null, 'only a hash is kept');
  const refused = await submit(cart);
  assert.deepEqual([refused.__typename, refused.reason], ['CheckoutDeclined', 'rejected_by_store']);
  const blocked = await latest(cart);
  assert.equal(blocked.fraud.reasons[0]?.rule, 'block_list');
  assert.equal((await store.database.rows(ephemeral('SELECT 1 FROM payments WHERE checkout_id = $1'), [blocked.id])).length, 0);

  const { fraudListEntries } = await store.admin<{ fraudListEntries: { nodes: { id: string; label: string }[] } }>(
    '{ fraudListEntries(filter: { effect: BLOCK, kind: EMAIL }) { nodes { id label reason actor expiresAt } pageInfo { hasNextPage } } }',
  );
  assert.deepEqual(
    fraudListEntries.nodes.map(({ id, label }) => [id, label]),
    [[added.entry.id, 'Third shopper']],
  );
  await command('fraudListEntryRemove', 'entry { id }', 'FraudListEntryPayload', { id: added.entry.id, actor: 'ada' });
  assert.equal((await submit(cart)).__typename, 'CheckoutPlaced');
  await assertBooks(store);
});

test('of two operators who claim a review exactly one gets it, and only that one decides', async () => {
  const cart = await store.readyCart(4);
  const { checkoutId, __typename } = await store.submit(cart, { paymentMethod: 'pm_card_riskLevelElevated' });
  assert.equal(__typename, 'CheckoutInReview');
  const claims = await Promise.all([claim(checkoutId, 'ada'), claim(checkoutId, 'grace')]);
  const [winner, ...others] = claims.flatMap(({ review }) => (review ? [review.claim.operator] : []));
  assert.ok(winner !== undefined && others.length === 0);
  assert.deepEqual(claims.filter(({ code }) => code === 'CONFLICT').length, 1);
  const loser = winner === 'ada' ? 'grace' : 'ada';

  const { fraudReviews } = await store.admin<{
    fraudReviews: { nodes: { checkout: { id: string; fraud: { facts: { name: string }[] } }; claim: { operator: string } }[] };
  }>(
    '{ fraudReviews { nodes { checkout { id reviewDeadline fraud { score reasons { rule } facts { name value } } } claim { operator expiresAt } notesCount } } }',
  );
  const queued = fraudReviews.nodes.find(({ checkout }) => checkout.id === checkoutId);
  assert.equal(queued?.claim.operator, winner);
  assert.ok(queued.checkout.fraud.facts.some(({ name }) => name === 'gateway.score'));
  assert.ok(!/example\.com|Lovelace|Main St/.test(JSON.stringify(fraudReviews)));

  const refused = await decide(checkoutId, loser, 'REJECT');
  assert.deepEqual([refused.code, refused.field], ['CONFLICT', 'checkoutId']);
  // As if the claim had come after the API looked: the decision itself looks too.
  const { client, connection } = await connectClient(store.stack.config);
  const behindTheApi = createCheckoutProcess(client, { answerWithinMs: 20_000 });
  const unmoved = await behindTheApi.decideReview(cart.id, { checkoutId: checkoutId ?? '', decision: 'reject', actor: loser });
  await connection.close();
  assert.equal(unmoved?.kind, 'in_review');

  const note = { checkoutId, text: 'Called the customer', actor: winner };
  assert.equal(
    (await command('fraudReviewNoteAdd', 'note { id }', 'FraudReviewNotePayload', note)).__typename,
    'FraudReviewNotePayload',
  );
  assert.equal((await decide(checkoutId, winner)).checkout?.status, 'PLACED');
  assert.equal((await claim(checkoutId, loser)).code, 'INVALID_TRANSITION');
  await assertBooks(store);
});

test('a version that was too strict is rolled back', async () => {
  const mild = await createVersion(always(1));
  const strict = await createVersion(always(60));
  await move(mild, 'ACTIVE');
  const before = await store.readyCart(5);
  assert.equal((await submit(before)).__typename, 'CheckoutPlaced');
  assert.equal((await latest(before)).fraud.ruleSetVersionId, mild);

  await move(strict, 'ACTIVE');
  const during = await store.readyCart(6);
  const waiting = await submit(during);
  assert.equal(waiting.__typename, 'CheckoutInReview');
  assert.equal((await latest(during)).fraud.ruleSetVersionId, strict);

  assert.equal((await move(mild, 'ACTIVE')).version.state, 'ACTIVE');
  assert.equal((await submit(await store.readyCart(7))).__typename, 'CheckoutPlaced');
  assert.equal((await decide(waiting.checkoutId, 'ada', 'REJECT')).checkout?.status, 'REJECTED');
  await move(mild, 'RETIRED');
  const unusable = await command('fraudRuleSetVersionCreate', 'version { id }', 'FraudRuleSetVersionPayload', {
    settings: { customRules: [{}] },
    actor: 'ada',
  });
  assert.deepEqual([unusable.code, unusable.field], ['INVALID_INPUT', 'customRules.0.name']);
  await assertBooks(store);
});

test('a chargeback counts against the rules that let the order pass', async () => {
  const version = await createVersion(always(7));
  await move(version, 'ACTIVE');
  const { order } = await submit(await store.readyCart(8));
  const reported = await command<{ outcome: { current: boolean } }>(
    'fraudOutcomeReport',
    'outcome { current source }',
    'FraudOutcomePayload',
    {
      orderId: order?.id,
      outcome: 'CHARGEBACK',
      actor: 'ada',
    },
  );
  assert.equal(reported.outcome.current, true);
  const { fraudRuleStatistics } = await store.admin<{
    fraudRuleStatistics: { rule: string; bad: number; precision: number | null }[];
  }>('query Q($channelId: ID) { fraudRuleStatistics(channelId: $channelId) { rule fired bad good precision } }', {
    channelId: store.catalog.channelId,
  });
  const statistic = fraudRuleStatistics.find(({ rule }) => rule === 'custom:always');
  assert.deepEqual([statistic?.bad, statistic?.precision], [1, 1]);
  await move(version, 'RETIRED');
});

test("the scorer's word counts; without it a person looks, or the store does without, as it is set", async () => {
  questions = [];
  scorer = { score: 95 };
  const risky = await store.readyCart(10);
  const inReview = [await submit(risky)];
  const [reason] = (await latest(risky)).fraud.reasons;
  assert.deepEqual([reason?.rule, reason?.weight], ['external_score', 57]);
  assert.match(reason?.detail ?? '', /95 of 100.*seen elsewhere/);
  assert.ok(questions.length > 0 && questions.every((question) => !/shopper10|Lovelace|Main St|pm_card|fp_10/.test(question)));

  for (const [shopper, behaviour] of [
    [11, 'hangs'],
    [12, 'fails'],
  ] as const) {
    scorer = behaviour;
    const cart = await store.readyCart(shopper);
    inReview.push(await submit(cart));
    assert.match((await latest(cart)).fraud.reasons[0]?.detail ?? '', /gave no score/);
  }

  assert.deepEqual(
    inReview.map((answer) => answer.__typename),
    ['CheckoutInReview', 'CheckoutInReview', 'CheckoutInReview'],
  );
  for (const { checkoutId } of inReview) assert.equal((await decide(checkoutId, 'ada', 'REJECT')).checkout?.status, 'REJECTED');

  await store.worker.stop();
  await store.stack.startWorker({ FRAUD_SCORER_ON_FAILURE: 'ignore' });
  for (const [shopper, behaviour] of [
    [13, 'hangs'],
    [14, 'fails'],
  ] as const) {
    scorer = behaviour;
    assert.equal((await submit(await store.readyCart(shopper))).__typename, 'CheckoutPlaced', behaviour);
  }
  await assertBooks(store);
});
