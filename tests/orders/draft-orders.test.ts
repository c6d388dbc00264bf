import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { createCustomer } from '../payments/customer-commands.ts';
import { assertBooks } from '../support/books.ts';
import { startStore, untilAnswered, type TestStore } from '../support/store.ts';
import { ADDRESS, draft, invoiced, linksOf, onDraft, readDraft, readyDraft, type ShownDraft } from './draft-commands.ts';

interface ShownCart {
  readonly locale: string | null;
  readonly lines: { readonly id: string; readonly unitPrice: { readonly amount: number } | null }[];
  readonly totals: { readonly total: { readonly amount: number } };
  readonly problems: { readonly code: string }[];
}

const CART =
  'query C($token: String!) { cart(token: $token) { locale lines { id unitPrice { amount } } totals { total { amount } } problems { code } } }';

let store: TestStore;

const run = (text: string, ...values: unknown[]): Promise<number> => store.database.run(ephemeral(text), values);
const rows = <Row>(text: string, ...values: unknown[]): Promise<Row[]> => store.database.rows<Row>(ephemeral(text), values);
const variant = (sku: string): string => store.catalog.variants[sku]?.id ?? '';

async function cartOf(token: string): Promise<ShownCart | null> {
  return (await store.query<{ cart: ShownCart | null }>(CART, { token })).cart;
}

/** A change that a shopper makes to the cart of this token. */
async function shop(
  name: string,
  input: Readonly<Record<string, unknown>>,
  type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`,
): Promise<{ __typename: string; code?: string }> {
  const document = `mutation M($input: ${type}!) { answer: ${name}(input: $input) { __typename ... on InputError { code message } } }`;
  return (await store.query<{ answer: { __typename: string; code?: string } }>(document, { input })).answer;
}

const auditOf = (id: string): Promise<{ action: string; actor: string; detail: Record<string, unknown> }[]> =>
  rows('SELECT action, actor, detail FROM audit_log WHERE subject_id = $1 ORDER BY id', id);

const ordersOf = (
  draftId: string,
): Promise<{ id: string; customer_id: string | null; locale: string; total: number; payment_status: string }[]> =>
  rows(
    'SELECT o.id, o.customer_id, o.locale, o.total, o.payment_status FROM orders o JOIN draft_orders d ON d.cart_id = o.cart_id WHERE d.id = $1',
    draftId,
  );

before(async () => {
  store = await startStore([
    { sku: 'MUG', price: 2_000, stock: 500 },
    { sku: 'VASE', price: 5_000, stock: 500 },
  ]);
  await run("UPDATE channels SET storefront_url = 'https://shop.example/'");
});

after(() => store.close());

describe('a draft order', () => {
  it('is priced by the operator, mailed to the customer, and paid by its link', async () => {
    const customerId = await createCustomer(store, 'regular@example.com');
    const made = await draft(store, 'create', {
      customerId,
      locale: 'de-at',
      shippingMethodId: store.catalog.shippingMethodId,
      shippingAmount: 100,
      discount: { amount: 400, reason: 'regular customer' },
      lines: [
        { variantId: variant('MUG'), quantity: 2, unitAmount: 1_500, reason: 'scratched' },
        { variantId: variant('VASE'), quantity: 1 },
      ],
    });
    assert.deepEqual([made.status, made.cart.email, made.customerId], ['OPEN', 'regular@example.com', customerId]);
    const cart = await invoiced(store, made.id, 1);
    assert.match((await linksOf(store, made.id))[0] ?? '', /^https:\/\/shop\.example\/invoice\/[\w-]{32}$/);

    // The catalog's prices change meanwhile; those of the draft hold.
    await run('UPDATE prices SET amount = amount + 1000 WHERE variant_id = ANY($1)', [variant('MUG'), variant('VASE')]);
    const shown = await cartOf(cart.token);
    assert.deepEqual(
      shown?.lines.map(({ unitPrice }) => unitPrice?.amount),
      [1_500, 5_000],
    );
    assert.deepEqual([shown?.locale, shown?.problems.map(({ code }) => code)], ['de-AT', ['SHIPPING_ADDRESS_MISSING']]);

    const [line] = shown?.lines ?? [];
    const refused = [
      await shop('cartLinesAdd', { token: cart.token, lines: [{ variantId: variant('MUG'), quantity: 1 }] }),
      await shop('cartLinesUpdate', { token: cart.token, lines: [{ lineId: line?.id, quantity: 1 }] }),
      await shop('cartPromotionApply', { token: cart.token, code: 'ANY' }, 'CartPromotionInput'),
      await shop('cartPromotionRemove', { token: cart.token }, 'CartRefInput'),
    ];
    assert.deepEqual(
      refused.map(({ code }) => code),
      Array(4).fill('INVALID_TRANSITION'),
    );
    assert.equal((await shop('cartUpdate', { token: cart.token, shippingAddress: ADDRESS })).__typename, 'CartPayload');

    // 2 × 1500 + 5000 − 400, the tax of New York on the goods and on shipping, and shipping.
    const total = 7_600 + 100 + Math.round(7_700 * 0.08875);
    const wrong = await store.submit(cart, { expectedTotal: { amount: total + 1, currency: 'USD' } });
    assert.equal(wrong.__typename, 'CheckoutPriceChanged');
    const answer = await store.submit(cart, { expectedTotal: { amount: total, currency: 'USD' } });
    assert.equal(answer.order?.totals.total.amount, total, JSON.stringify(answer));

    const done = await readDraft(store, made.id);
    assert.deepEqual([done.status, done.orderId], ['COMPLETED', answer.order?.id]);
    assert.deepEqual(await ordersOf(made.id), [
      { id: answer.order?.id, customer_id: customerId, locale: 'de-AT', total, payment_status: 'captured' },
    ]);
    assert.equal((await onDraft(store, 'invoice', { id: made.id })).code, 'INVALID_TRANSITION');
    assert.equal((await onDraft(store, 'update', { id: made.id, note: 'late' })).code, 'INVALID_TRANSITION');
    assert.equal((await onDraft(store, 'cancel', { id: made.id, reason: 'late' })).code, 'INVALID_TRANSITION');

    const audit = await auditOf(made.id);
    assert.deepEqual(
      audit.map(({ action, actor }) => [action, actor]),
      [
        ['draft_order.create', 'operator'],
        ['draft_order.invoice', 'operator'],
      ],
    );
    assert.match(JSON.stringify(audit[0]?.detail), /1500.*scratched|scratched.*1500/);
    assert.doesNotMatch(JSON.stringify(audit), /@example\.com|Lovelace/);
  });

  it('keeps what is not given, empties what is null, and adds a discount to a code', async () => {
    await run("INSERT INTO promotions (id, code, kind, value) VALUES ('promo_ten', 'TEN', 'percentage', 100000)");
    const made = await readyDraft(store, 2, {
      lines: [{ variantId: variant('VASE'), quantity: 1, unitAmount: 4_000, reason: 'agreed' }],
      discount: { amount: 500, reason: 'late' },
      promotionCode: 'ten',
    });
    assert.deepEqual([made.cart.totals.discount.amount, made.cart.promotionCode], [900, 'TEN']);
    const fixed = await draft(store, 'update', { id: made.id, version: made.cart.version, shippingAmount: 0 });
    assert.deepEqual([fixed.cart.totals.shipping.amount, fixed.cart.totals.discount.amount], [0, 900]);
    const plain = await draft(store, 'update', { id: made.id, discount: null, promotionCode: null, shippingAmount: null });
    assert.deepEqual(
      [plain.cart.totals.discount.amount, plain.cart.totals.shipping.amount, plain.cart.promotionCode],
      [0, 500, null],
    );
    assert.deepEqual(
      plain.cart.lines.map(({ fixedPrice, unitPrice }) => [fixedPrice, unitPrice?.amount]),
      [[true, 4_000]],
    );
    assert.equal(
      (await onDraft(store, 'update', { id: made.id, version: made.cart.version, note: 'x' })).code,
      'VERSION_MISMATCH',
    );
  });

  it('is refused with the field at fault', async () => {
    const { id } = await readyDraft(store, 3);
    const refused = async (input: Readonly<Record<string, unknown>>) => (await onDraft(store, 'update', { id, ...input })).field;
    assert.equal(await refused({ lines: [{ variantId: variant('MUG'), quantity: 1, unitAmount: 1 }] }), 'lines.0.reason');
    assert.equal(await refused({ lines: [{ variantId: 'var_none', quantity: 1 }] }), 'lines.0.variantId');
    assert.equal(await refused({ discount: { amount: 0, reason: 'none' } }), 'discount.amount');
    assert.equal(await refused({ expiresAt: '2000-01-01T00:00:00Z' }), 'expiresAt');
    assert.equal(await refused({ customerId: 'cus_none' }), 'customerId');
    assert.equal(await refused({ locale: 'german!' }), 'locale');
    assert.equal(await refused({ shippingAddress: { ...ADDRESS, countryCode: 'XX' } }), 'shippingAddress.countryCode');
    assert.equal((await onDraft(store, 'cancel', { id: 'dft_none', reason: 'none' })).code, 'NOT_FOUND');
    const empty = await draft(store, 'create', { email: 'nobody@example.com' });
    assert.deepEqual(
      [(await onDraft(store, 'invoice', { id: empty.id })).field, (await onDraft(store, 'complete', { id: empty.id })).field],
      ['lines', 'lines'],
    );
  });

  it('is listed by status, page by page', async () => {
    for (const shopper of [4, 5, 6])
      await draft(store, 'cancel', { id: (await readyDraft(store, shopper)).id, reason: 'of no use' });
    const seen: ShownDraft[] = [];
    for (let cursor: string | null = null; ;) {
      const { draftOrders }: { draftOrders: { nodes: ShownDraft[]; pageInfo: { endCursor: string; hasNextPage: boolean } } } =
        await store.admin(
          'query L($after: String) { draftOrders(first: 2, after: $after, status: CANCELED) { nodes { id status } pageInfo { endCursor hasNextPage } } }',
          { after: cursor },
        );
      seen.push(...draftOrders.nodes);
      if (!draftOrders.pageInfo.hasNextPage) break;
      cursor = draftOrders.pageInfo.endCursor;
    }
    assert.deepEqual(
      seen.map(({ status }) => status),
      ['CANCELED', 'CANCELED', 'CANCELED'],
    );
    assert.deepEqual(
      seen.map(({ id }) => id),
      seen
        .map(({ id }) => id)
        .toSorted()
        .reverse(),
    );
  });
});

describe('an invoice', () => {
  it('sent again makes the link of before useless', async () => {
    const { id } = await readyDraft(store, 10);
    const first = await invoiced(store, id, 10);
    const second = await invoiced(store, id, 10);
    assert.equal(await cartOf(first.token), null);
    assert.equal((await store.submit(first)).code, 'NOT_FOUND');
    assert.equal((await cartOf(second.token))?.totals.total.amount, second.total);
    assert.equal((await readDraft(store, id)).invoicesSent, 2);
    const mails = await rows<{ template: string }>(
      'SELECT n.template FROM notifications n JOIN outbox_events e ON e.id = n.event_id WHERE e.aggregate_id = $1',
      id,
    );
    assert.deepEqual(
      mails.map(({ template }) => template),
      ['invoice', 'invoice'],
    );
    assert.equal((await store.submit(second)).__typename, 'CheckoutPlaced');
  });

  it('whose prices no longer hold cannot be paid until they are renewed', async () => {
    const [price] = await rows<{ amount: number }>('SELECT amount FROM prices WHERE variant_id = $1', variant('VASE'));
    const made = await readyDraft(store, 11, {
      discount: { amount: 100, reason: 'agreed' },
      lines: [
        { variantId: variant('MUG'), quantity: 1, unitAmount: 700, reason: 'agreed' },
        { variantId: variant('VASE'), quantity: 1 },
      ],
    });
    const cart = await invoiced(store, made.id, 11);
    await run("UPDATE draft_orders SET expires_at = now() - interval '1 second' WHERE id = $1", made.id);
    await run('UPDATE prices SET amount = amount + 50 WHERE variant_id = $1', variant('VASE'));
    const answer = await store.submit(cart);
    assert.deepEqual([answer.__typename, answer.problems?.[0]?.code], ['CheckoutInvalid', 'INVOICE_EXPIRED']);
    for (const name of ['complete', 'invoice'] as const)
      assert.equal((await onDraft(store, name, { id: made.id })).code, 'INVALID_TRANSITION');
    const renewed = await draft(store, 'update', { id: made.id, expiresAt: new Date(Date.now() + 86_400_000).toISOString() });
    assert.deepEqual(
      renewed.cart.lines.map(({ unitPrice }) => unitPrice?.amount),
      [700, (price?.amount ?? 0) + 50],
    );
    assert.equal((await store.submit(cart)).order?.totals.total.amount, renewed.cart.totals.total.amount);
  });

  it('that was canceled cannot be paid or changed, and says so', async () => {
    const { id } = await readyDraft(store, 13);
    const cart = await invoiced(store, id, 13);
    await draft(store, 'cancel', { id, reason: 'changed our mind' });
    const answer = await store.submit(cart);
    assert.deepEqual([answer.__typename, answer.problems?.[0]?.code], ['CheckoutInvalid', 'INVOICE_CANCELED']);
    assert.deepEqual(
      (await cartOf(cart.token))?.problems.map(({ code }) => code),
      ['INVOICE_CANCELED'],
    );
    assert.equal((await shop('cartUpdate', { token: cart.token, email: 'x@example.com' })).code, 'INVALID_TRANSITION');
    for (const name of ['complete', 'invoice', 'update'] as const)
      assert.equal((await onDraft(store, name, { id })).code, 'INVALID_TRANSITION');
  });

  it('holds while the customer authenticates: nobody changes it under them', async () => {
    const { id } = await readyDraft(store, 12);
    const cart = await invoiced(store, id, 12);
    const waiting = await store.submit(cart, {
      paymentMethod: 'pm_card_threeDSecure2Required',
      returnUrl: 'https://shop.example/back',
    });
    assert.equal(waiting.__typename, 'CheckoutActionRequired');
    const refused = [
      await onDraft(store, 'update', { id, note: 'x' }),
      await onDraft(store, 'invoice', { id }),
      await onDraft(store, 'cancel', { id, reason: 'x' }),
      await onDraft(store, 'complete', { id }),
    ];
    assert.deepEqual(
      refused.map(({ code }) => code),
      Array(4).fill('CONFLICT'),
    );
    await store.authenticate(waiting.redirectUrl ?? '', 'complete');
    assert.equal(
      (await store.submit(cart, { paymentMethod: 'pm_card_threeDSecure2Required', returnUrl: 'https://shop.example/back' }))
        .__typename,
      'CheckoutPlaced',
    );
    assert.equal((await readDraft(store, id)).status, 'COMPLETED');
  });
});

describe('completing a draft', () => {
  it('makes one order however many operators ask at once', async () => {
    const { id } = await readyDraft(store, 20);
    const answers = await Promise.all(
      ['Ada', 'Grace', 'Ada', 'Edsger'].map((actor) => onDraft(store, 'complete', { id, actor })),
    );
    const [order, ...others] = await ordersOf(id);
    assert.deepEqual([others.length, order?.payment_status], [0, 'pending']);
    assert.deepEqual(
      answers.map(({ draftOrder }) => draftOrder?.orderId),
      Array(4).fill(order?.id),
    );
    const audit = (await auditOf(id)).filter(({ action }) => action === 'draft_order.complete');
    assert.deepEqual(
      audit.map(({ detail }) => detail['orderId']),
      [order?.id],
    );
  });

  it('lets the fraud rules take note without deciding, and needs no gateway that shoppers may use', async () => {
    const { id } = await readyDraft(store, 21);
    const other = await store.readyCart(22);
    await run(`UPDATE channels SET fraud_settings = '{"reviewAt": 0, "rejectAt": 0}', payment_gateways = '{stripe}'`);
    const completed = await draft(store, 'complete', { id, payment: 'CASH_ON_DELIVERY' });
    const declined = await store.submit(other);
    await run(`UPDATE channels SET fraud_settings = '{}', payment_gateways = '{}'`);
    assert.deepEqual([completed.status, declined.__typename], ['COMPLETED', 'CheckoutDeclined']);
    const [checkout] = await rows<{ status: string; fraud: { decision: string; overruled?: boolean } }>(
      'SELECT status, fraud FROM checkouts WHERE order_id = $1',
      completed.orderId,
    );
    assert.deepEqual([checkout?.status, checkout?.fraud.decision, checkout?.fraud.overruled], ['placed', 'reject', true]);
  });

  it('takes no more than there is', async () => {
    const { id } = await readyDraft(store, 23, { lines: [{ variantId: variant('MUG'), quantity: 600 }] });
    assert.equal((await onDraft(store, 'complete', { id })).code, 'CONFLICT');
    assert.deepEqual([(await readDraft(store, id)).status, await ordersOf(id)], ['OPEN', []]);
  });
});

describe('at the same moment', () => {
  it('the customer pays and the operator cancels: one of them does', async () => {
    for (let round = 0; round < 8; round += 1) {
      const shopper = 40 + round;
      const { id } = await readyDraft(store, shopper);
      const cart = await invoiced(store, id, shopper);
      const cancel = (): ReturnType<typeof onDraft> => onDraft(store, 'cancel', { id, reason: 'changed our mind' });
      const [paid, canceled] = await Promise.all([store.submit(cart), cancel()]);
      const { status } = await readDraft(store, id);
      const orders = await ordersOf(id);
      if (status === 'COMPLETED') {
        assert.deepEqual([paid.__typename, orders.length], ['CheckoutPlaced', 1]);
        assert.ok(['CONFLICT', 'INVALID_TRANSITION'].includes(canceled.code ?? ''), JSON.stringify(canceled));
      } else {
        assert.deepEqual([status, canceled.__typename, orders.length], ['CANCELED', 'DraftOrderPayload', 0]);
        assert.deepEqual([paid.__typename, paid.problems?.[0]?.code], ['CheckoutInvalid', 'INVOICE_CANCELED']);
      }
    }
  });

  it('the customer pays and the operator completes: there is one order', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { id } = await readyDraft(store, 60 + round);
      const cart = await invoiced(store, id, 60 + round);
      // Whoever comes while the other one's payment is being made is told to ask again.
      const complete = (): ReturnType<typeof onDraft> => untilAnswered(() => onDraft(store, 'complete', { id }));
      const [paid, completed] = await Promise.all([store.submit(cart), complete()]);
      const [order, ...others] = await ordersOf(id);
      assert.equal(others.length, 0);
      assert.ok(['CheckoutPlaced', 'CheckoutProcessing'].includes(paid.__typename), JSON.stringify(paid));
      assert.equal((await store.submit(cart)).order?.id, order?.id);
      assert.equal(completed.draftOrder?.orderId, order?.id, JSON.stringify(completed));
    }
  });

  it('a command that is repeated is carried out once', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const create = (): Promise<string> =>
      fetch(store.api.adminUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${store.stack.adminApiKey}`, ...key },
        body: JSON.stringify({
          query:
            'mutation C($input: DraftOrderCreateInput!) { draftOrderCreate(input: $input) { __typename ... on DraftOrderPayload { draftOrder { id } } } }',
          variables: { input: { email: 'once@example.com', actor: 'operator' } },
        }),
        signal: AbortSignal.timeout(30_000),
      }).then((response) => response.text());
    assert.equal(await create(), await create());
    const { id } = await readyDraft(store, 70);
    const canceled = await Promise.all([1, 2].map(() => draft(store, 'cancel', { id, reason: 'twice' })));
    assert.deepEqual(
      canceled.map(({ status }) => status),
      ['CANCELED', 'CANCELED'],
    );
    assert.equal((await auditOf(id)).filter(({ action }) => action === 'draft_order.cancel').length, 1);
  });

  it('the books add up', () => assertBooks(store));
});
