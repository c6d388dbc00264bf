import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { normalizeGiftCardCode } from '../../domain/payments/gift-card-code.ts';
import { eventsOf } from '../support/events.ts';
import { startStore, type ReadyCart, type TestStore } from '../support/store.ts';
import { assertLedgerAddsUp } from '../support/stored-value-books.ts';
import {
  applyCard,
  balanceOf,
  GIFT_CARD_ISSUE,
  issueCard,
  onAccount,
  onCart,
  readAccount,
  type AccountAnswer,
  type AdminAccount,
} from './stored-value-commands.ts';

/** A network may give so many wrong codes in ten minutes. */
const MAX_GUESSES = 10;
const WRONG_CODE = '0000-0000-0000-0001';

let store: TestStore;
let shopper = 0;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 10_000, stock: 1_000 }]);
});

after(async () => {
  await assertLedgerAddsUp(store.database);
  await store.close();
});

const newCart = (): Promise<ReadyCart> => store.readyCart((shopper += 1));

async function issueWithKey(key: string, amount: number): Promise<AccountAnswer> {
  const response = await fetch(store.api.adminUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${store.stack.adminApiKey}`, 'idempotency-key': key },
    body: JSON.stringify({
      query: GIFT_CARD_ISSUE,
      variables: { input: { amount: { amount, currency: 'USD' }, actor: 'operator' } },
    }),
    signal: AbortSignal.timeout(20_000),
  });
  const { data } = (await response.json()) as { data: { answer: AccountAnswer } };
  return data.answer;
}

/** Rows of any table that contain the text. */
async function rowsWith(text: string): Promise<string[]> {
  const tables = await store.database.rows<{ name: string }>(
    ephemeral(
      "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    ),
  );
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const rows = await store.database.rows<{ row: string }>(
        ephemeral(`SELECT t::text AS row FROM ${name} t WHERE t::text ILIKE $1`),
        [`%${text}%`],
      );
      return rows.map(({ row }) => `${name}: ${row}`);
    }),
  );
  return found.flat();
}

async function auditOf(subjectId: string): Promise<{ action: string; actor: string }[]> {
  return store.database.rows(ephemeral('SELECT action, actor FROM audit_log WHERE subject_id = $1 ORDER BY action'), [subjectId]);
}

describe('a gift card', () => {
  it('is issued with a code that only the answer shows', async () => {
    const { id, code } = await issueCard(store, 5_000);
    assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    const account = await readAccount(store, id);
    assert.deepEqual([account.kind, account.status, account.last4], ['GIFT_CARD', 'ACTIVE', code.slice(-4)]);
    assert.deepEqual(
      [account.balance, account.held.amount, account.available.amount],
      [{ amount: 5_000, currency: 'USD' }, 0, 5_000],
    );
    assert.deepEqual(
      account.entries.nodes.map(({ kind, balanceDelta, actor }) => [kind, balanceDelta.amount, actor]),
      [['ISSUE', 5_000, 'operator']],
    );
    assert.deepEqual(await auditOf(id), [{ action: 'gift_card.issue', actor: 'operator' }]);
    assert.deepEqual(await rowsWith(code), []);
    assert.deepEqual(await rowsWith(normalizeGiftCardCode(code)), []);
    assert.equal((await rowsWith(id)).length > 0, true);
  });

  it('is issued once for one key, and its code is told again though it is kept nowhere', async () => {
    const [first, again] = [await issueWithKey('card-of-ada', 2_500), await issueWithKey('card-of-ada', 2_500)];
    assert.ok(first.account && first.giftCardCode);
    assert.deepEqual([again.account, again.giftCardCode], [first.account, first.giftCardCode]);
    assert.deepEqual(await rowsWith(first.giftCardCode), []);
    assert.equal((await auditOf(first.account.id)).length, 1);
    assert.equal((await issueWithKey('card-of-ada', 2_600)).code, 'IDEMPOTENCY_KEY_REUSED');
    assert.notEqual((await issueWithKey('card-of-bob', 2_500)).account?.id, first.account.id);
    assert.deepEqual(await balanceOf(store, first.account.id), { available: 2_500, held: 0 });
  });

  it('is not issued for nothing, in no currency, or when it is over already', async () => {
    const issue = async (input: object) => {
      const { answer } = await store.admin<{ answer: AccountAnswer }>(GIFT_CARD_ISSUE, {
        input: { amount: { amount: 100, currency: 'USD' }, actor: 'operator', ...input },
      });
      return [answer.code, answer.field];
    };
    assert.deepEqual(await issue({ amount: { amount: 0, currency: 'USD' } }), ['INVALID_INPUT', 'amount.amount']);
    assert.deepEqual(await issue({ amount: { amount: 100, currency: 'dollars' } }), ['INVALID_INPUT', 'amount.currency']);
    assert.deepEqual(await issue({ expiresAt: new Date(Date.now() - 1_000).toISOString() }), ['INVALID_INPUT', 'expiresAt']);
    assert.deepEqual(await issue({ actor: ' ' }), ['INVALID_INPUT', 'actor']);
  });

  it('is adjusted once for one reference, and never below what is held', async () => {
    const { id } = await issueCard(store, 1_000);
    const adjust = (amount: number, reference: string) => onAccount(store, 'adjust', { accountId: id, amount, reference });
    assert.equal((await adjust(-400, 'typo')).account?.balance.amount, 600);
    assert.equal((await adjust(-400, 'typo')).account?.balance.amount, 600);
    assert.deepEqual([(await adjust(-300, 'typo')).code], ['IDEMPOTENCY_KEY_REUSED']);
    const tooMuch = await adjust(-601, 'all of it');
    assert.deepEqual([tooMuch.code, tooMuch.field], ['INVALID_TRANSITION', 'amount']);
    assert.equal((await adjust(0, 'nothing')).field, 'amount');
    assert.equal((await onAccount(store, 'adjust', { accountId: 'sva_unknown', amount: 1, reference: 'x' })).code, 'NOT_FOUND');
    assert.deepEqual(await balanceOf(store, id), { available: 600, held: 0 });
    const [issued, changed, ...more] = await eventsOf(store.database, id);
    assert.deepEqual([issued?.type, more], ['gift_card.issued', []]);
    assert.deepEqual([changed?.type, changed?.payload['cause'], changed?.payload['change'], changed?.payload['balance']], ['stored_value.changed', 'adjust', -400, 600]);
  });
});

describe('store credit', () => {
  it('is one account for a customer, added to once for one reference', async () => {
    const credit = (email: string, amount: number, reference: string) =>
      onAccount(store, 'credit', { email, amount: { amount, currency: 'USD' }, reference });
    const first = await credit('Grace@Example.com', 700, 'parcel-1');
    assert.equal((await credit('grace@example.com', 700, 'parcel-1')).account?.balance.amount, 700);
    const second = await credit('grace@example.com', 300, 'parcel-2');
    assert.deepEqual(
      [second.account?.id, second.account?.balance.amount, second.account?.kind],
      [first.account?.id, 1_000, 'STORE_CREDIT'],
    );
    assert.equal((await credit('somebody.else@example.com', 700, 'parcel-1')).code, 'IDEMPOTENCY_KEY_REUSED');
    assert.equal((await credit('no address', 700, 'parcel-3')).field, 'email');
    assert.deepEqual(await rowsWith('grace@example.com'), []);
    const told = (await eventsOf(store.database, first.account?.id ?? '')).map(({ type, payload }) => [type, payload['cause'], payload['change'], payload['balance']]);
    assert.deepEqual(told, [['stored_value.changed', 'issue', 700, 700], ['stored_value.changed', 'issue', 300, 1_000]]);
  });
});

describe('the list of accounts', () => {
  it('is filtered by kind and status, and read page by page like each ledger', async () => {
    const { id } = await issueCard(store, 100);
    await onAccount(store, 'disable', { accountId: id });
    const ids: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const {
        page,
      }: {
        page: {
          nodes: Pick<AdminAccount, 'id' | 'kind' | 'status'>[];
          pageInfo: { hasNextPage: boolean; endCursor: string | null };
        };
      } = await store.admin(
        `query L($after: String) {
          page: storedValueAccounts(first: 2, after: $after, kind: GIFT_CARD) { nodes { id kind status } pageInfo { hasNextPage endCursor } }
        }`,
        { after },
      );
      assert.ok(page.nodes.every(({ kind }) => kind === 'GIFT_CARD'));
      ids.push(...page.nodes.map((node) => node.id));
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
    }
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids[0], id);
    const { disabled } = await store.admin<{ disabled: { nodes: { id: string }[] } }>(
      '{ disabled: storedValueAccounts(status: DISABLED) { nodes { id } } }',
    );
    assert.deepEqual(disabled.nodes, [{ id }]);

    for (const reference of ['a', 'b', 'c']) await onAccount(store, 'adjust', { accountId: id, amount: 1, reference });
    const { account } = await store.admin<{
      account: { entries: { nodes: { kind: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
    }>(
      `query E($id: ID!) {
        account: storedValueAccount(id: $id) { entries(first: 3) { nodes { kind } pageInfo { hasNextPage endCursor } } }
      }`,
      { id },
    );
    assert.deepEqual(
      [account.entries.nodes.map(({ kind }) => kind), account.entries.pageInfo.hasNextPage],
      [['ADJUST', 'ADJUST', 'ADJUST'], true],
    );
  });
});

describe('a cart', () => {
  it('is paid in part by a card, however its code is written', async () => {
    const cart = await newCart();
    const { id, code } = await issueCard(store, 4_000);
    const applied = await applyCard(store, cart, code);
    assert.deepEqual(applied.storedValue, [
      { accountId: id, kind: 'GIFT_CARD', last4: code.slice(-4), amount: { amount: 4_000 } },
    ]);
    assert.deepEqual(applied.amountDue, { amount: cart.total - 4_000, currency: 'USD' });
    assert.deepEqual([applied.totals.total.amount, applied.version > cart.version], [cart.total, true]);
    const again = await applyCard(store, cart, ` ${code.replaceAll('-', '').toLowerCase()} `);
    assert.deepEqual(again.storedValue, applied.storedValue);
    // Nothing is held until the checkout.
    assert.deepEqual(await balanceOf(store, id), { available: 4_000, held: 0 });
  });

  it('is paid by several cards in the order of their application, and each can be taken off', async () => {
    const cart = await newCart();
    const [first, second] = [await issueCard(store, 3_000), await issueCard(store, 50_000)];
    await applyCard(store, cart, first.code);
    const { storedValue, amountDue, version } = await applyCard(store, cart, second.code);
    assert.deepEqual(
      storedValue.map(({ accountId, amount }) => [accountId, amount.amount]),
      [
        [first.id, 3_000],
        [second.id, cart.total - 3_000],
      ],
    );
    assert.equal(amountDue.amount, 0);
    const stale = await onCart(store, 'remove', cart, { accountId: first.id, version: version - 1 });
    assert.equal(stale.__typename, 'VersionMismatch');
    const removed = await onCart(store, 'remove', cart, { accountId: first.id, version });
    assert.deepEqual(
      removed.cart?.storedValue.map(({ accountId, amount }) => [accountId, amount.amount]),
      [[second.id, cart.total]],
    );
    const gone = await onCart(store, 'remove', cart, { accountId: first.id });
    assert.deepEqual([gone.code, gone.field], ['NOT_FOUND', 'accountId']);
    const empty = await onCart(store, 'remove', cart, { accountId: second.id });
    assert.deepEqual([empty.cart?.storedValue, empty.cart?.amountDue.amount], [[], cart.total]);
  });

  it('takes no card of another currency, none that is disabled and none that is empty', async () => {
    const cart = await newCart();
    const refused = async (code: string) => {
      const answer = await onCart(store, 'apply', cart, { code });
      return [answer.code, answer.field];
    };
    const euros = await issueCard(store, 4_000, { amount: { amount: 4_000, currency: 'EUR' } });
    assert.deepEqual(await refused(euros.code), ['INVALID_INPUT', 'code']);
    const lost = await issueCard(store, 4_000);
    await onAccount(store, 'disable', { accountId: lost.id });
    assert.deepEqual(await refused(lost.code), ['INVALID_INPUT', 'code']);
    await onAccount(store, 'enable', { accountId: lost.id });
    await onAccount(store, 'enable', { accountId: lost.id });
    assert.deepEqual((await eventsOf(store.database, lost.id)).map(({ payload }) => payload['cause']), [undefined, 'disable', 'enable']);
    assert.equal((await applyCard(store, cart, lost.code)).storedValue.length, 1);
    const empty = await issueCard(store, 1);
    await onAccount(store, 'adjust', { accountId: empty.id, amount: -1, reference: 'emptied' });
    assert.deepEqual(await refused(empty.code), ['INVALID_INPUT', 'code']);
    assert.deepEqual((await onCart(store, 'apply', { ...cart, token: 'unknown' }, { code: lost.code })).code, 'NOT_FOUND');
  });

  it('pays with what is left of a card that was used or disabled after it was applied', async () => {
    const cart = await newCart();
    const { id, code } = await issueCard(store, 4_000);
    await applyCard(store, cart, code);
    await onAccount(store, 'adjust', { accountId: id, amount: -3_000, reference: 'partly used' });
    const read = async () => {
      const { cart: now } = await store.query<{ cart: { amountDue: { amount: number } } }>(
        'query C($token: String!) { cart(token: $token) { amountDue { amount } } }',
        { token: cart.token },
      );
      return now.amountDue.amount;
    };
    assert.equal(await read(), cart.total - 1_000);
    await onAccount(store, 'disable', { accountId: id });
    assert.equal(await read(), cart.total);
  });
});

describe('guessing codes', () => {
  const isLimited = (error: unknown): boolean => error instanceof Error && error.message.includes('RATE_LIMITED');

  it('ends after a few wrong ones, also for right ones, and only for that network', async () => {
    const [cart, elsewhere] = [await newCart(), await newCart()];
    const { code } = await issueCard(store, 100);
    for (let n = 0; n < 3; n += 1) await applyCard(store, cart, code);
    for (let n = 0; n < MAX_GUESSES; n += 1) {
      const answer = await onCart(store, 'apply', cart, { code: WRONG_CODE });
      assert.deepEqual([answer.code, answer.field], ['NOT_FOUND', 'code']);
    }
    await assert.rejects(onCart(store, 'apply', cart, { code: WRONG_CODE }), isLimited);
    await assert.rejects(onCart(store, 'apply', cart, { code }), isLimited);
    assert.equal((await applyCard(store, elsewhere, code)).storedValue.length, 1);

    const age = (interval: string): Promise<number> =>
      store.database.run(ephemeral('UPDATE gift_card_guesses SET guessed_at = guessed_at - $1::interval'), [interval]);
    await age('10 minutes');
    assert.equal((await applyCard(store, cart, code)).storedValue.length, 1);
    await age('1 day');
    await onCart(store, 'apply', elsewhere, { code: WRONG_CODE });
    assert.equal((await store.database.rows(ephemeral('SELECT 1 FROM gift_card_guesses'))).length, 1);
  });

  it('is not quicker with many at once', async () => {
    const cart = await newCart();
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, () => onCart(store, 'apply', cart, { code: WRONG_CODE })),
    );
    const looked = answers.filter(({ status }) => status === 'fulfilled');
    assert.ok(looked.length <= MAX_GUESSES, `${looked.length} codes were looked up`);
    assert.ok(answers.every((answer) => answer.status === 'fulfilled' || isLimited(answer.reason)));
  });
});
