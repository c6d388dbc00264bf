import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PaypalReferenceIdType, type TransactionInformation, type TransactionSearchController } from '@paypal/paypal-server-sdk';
import { GatewayError } from '../../domain/payments/gateway.ts';
import type { GatewayMovement } from '../../domain/payments/movement.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import { readMovements, toKind, toMovements } from './movements.ts';
import { PaypalError } from './paypal-error.ts';

const DAY = 86_400_000;
const SINCE = Date.parse('2026-01-01T00:00:00Z');

const line = (n: number, at: number, change: Partial<TransactionInformation> = {}): TransactionInformation => ({
  transactionId: `T${n}`,
  transactionEventCode: 'T0006',
  transactionStatus: 'S',
  transactionInitiationDate: new Date(at).toISOString().replace('.000Z', '+0000'),
  transactionAmount: { currencyCode: 'EUR', value: '12.34' },
  customField: `cart_1|chk_1|ord_1|pay_${n}`,
  ...change,
});

describe('a line of the ledger', () => {
  for (const [code, status, value, kind] of [
    ['T0006', 'S', '1.00', 'capture'],
    ['T0003', 'V', '1.00', 'capture'],
    ['T0006', 'P', '1.00', undefined],
    ['T0006', 'D', '1.00', undefined],
    ['T0006', 'S', '-1.00', undefined],
    ['T1107', 'S', '-1.00', 'refund'],
    ['T1107', 'P', '-1.00', 'refund'],
    ['T1107', 'D', '-1.00', 'refund_failed'],
    ['T1201', 'S', '-1.00', 'dispute'],
    ['T1202', 'S', '1.00', 'dispute_won'],
    ['T1300', 'P', '1.00', 'authorization'],
    ['T0400', 'S', '-1.00', undefined],
    ['T0106', 'S', '-1.00', undefined],
  ] as const) {
    it(`${code} ${status} ${value} is ${kind ?? 'none of ours'}`, () => {
      const transactionAmount = { currencyCode: 'EUR', value };
      assert.equal(toKind({ transactionEventCode: code, transactionStatus: status, transactionAmount }), kind);
    });
  }

  it('says whose a capture is', () => {
    assert.deepEqual(toMovements(line(1, SINCE)), [
      {
        id: 'T1',
        kind: 'capture',
        captureRef: 'T1',
        amount: 1_234,
        currency: 'EUR',
        occurredAt: new Date(SINCE),
        reference: { cartId: 'cart_1', checkoutId: 'chk_1', orderId: 'ord_1', paymentId: 'pay_1' },
      },
    ]);
  });

  it('says which capture a refund is of, and its key', () => {
    const related = { paypalReferenceId: 'T1', paypalReferenceIdType: PaypalReferenceIdType.Txn, customField: 'ref_1/1/1' };
    const amount = { currencyCode: 'EUR', value: '-5.00' };
    const [refund] = toMovements(line(2, SINCE, { transactionEventCode: 'T1107', transactionAmount: amount, ...related }));
    assert.deepEqual([refund?.kind, refund?.amount, refund?.captureRef, refund?.key], ['refund', 500, 'T1', 'ref_1/1/1']);
  });
});

/** A search over some lines, as PayPal does it: both ends belong to the span, and a span must not hold too many. */
function searchOver(
  lines: readonly TransactionInformation[],
  most: number,
): { transactions: TransactionSearchController; spans: number[] } {
  const spans: number[] = [];
  const searchTransactions: TransactionSearchController['searchTransactions'] = async ({
    startDate,
    endDate,
    page = 1,
    pageSize = 100,
  }) => {
    const [from, to] = [Date.parse(startDate), Date.parse(endDate)];
    spans.push(to - from);
    const found = lines.filter(({ transactionInitiationDate: at = '' }) => {
      const time = Date.parse(at.replace('+0000', 'Z'));
      return time >= from && time <= to;
    });
    const text = JSON.stringify({ name: 'INVALID_REQUEST', details: [{ issue: 'RESULTSET_TOO_LARGE' }] });
    if (found.length > most) throw new PaypalError({ status: 400, headers: {}, text });
    const transactionDetails = found
      .slice((page - 1) * pageSize, page * pageSize)
      .map((transactionInfo) => ({ transactionInfo }));
    const result = { transactionDetails, totalPages: Math.ceil(found.length / pageSize) };
    return { result, request: { method: 'GET', url: '' }, statusCode: 200, headers: {}, body: '' };
  };
  return { transactions: { searchTransactions } as TransactionSearchController, spans };
}

async function walk(transactions: TransactionSearchController, days: number, pageSize: number): Promise<GatewayMovement[]> {
  const movements: GatewayMovement[] = [];
  const span = { since: new Date(SINCE), until: new Date(SINCE + days * DAY) };
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await readMovements({ transactions }, { ...span, ...(cursor === undefined ? {} : { cursor }) }, pageSize);
    movements.push(...page.movements);
    cursor = page.next;
  }
  return movements;
}

describe('the ledger', () => {
  it('is walked in spans of 31 days, and a line at their seam comes once', async () => {
    const lines = [0, 1, 30.5, 31, 31, 62, 80].map((day, n) => line(n, SINCE + day * DAY));
    const { transactions, spans } = searchOver(lines, 10_000);
    const movements = await walk(transactions, 90, 500);
    assert.deepEqual(
      movements.map(({ id }) => id),
      ['T0', 'T1', 'T2', 'T3', 'T4', 'T5', 'T6'],
    );
    assert.ok(spans.every((span) => span <= 31 * DAY));
  });

  it('is walked page by page, and in smaller spans where one holds too many', async () => {
    const lines = Array.from({ length: 200 }, (_, n) => line(n, SINCE + (n < 150 ? 9 * DAY + n * 60_000 : n * DAY * 0.1)));
    const { transactions, spans } = searchOver(lines, 40);
    const movements = await walk(transactions, 31, 7);
    assert.equal(movements.length, 200);
    assert.equal(new Set(movements.map(({ id }) => id)).size, 200);
    assert.ok(Math.min(...spans) < DAY);
  });

  it('is empty for a span that has not begun', async () => {
    const { transactions, spans } = searchOver([], 1);
    const at = new Date(SINCE);
    assert.deepEqual(await readMovements({ transactions }, { since: at, until: at }, 10), { movements: [] });
    assert.deepEqual(spans, []);
  });

  it('is empty for a span that PayPal has not read yet, and refused for one that it has forgotten', async () => {
    const text = JSON.stringify({
      name: 'INVALID_REQUEST',
      message: 'Data for the given start date is not available.',
      details: [],
    });
    const searchTransactions: TransactionSearchController['searchTransactions'] = () =>
      Promise.reject(new PaypalError({ status: 400, headers: {}, text }));
    const transactions = { searchTransactions } as TransactionSearchController;
    const span = (since: number) => ({ since: new Date(since), until: new Date(since + 60_000) });
    assert.deepEqual(await readMovements({ transactions }, span(Date.now() - 60_000), 10), { movements: [] });
    const refused = (error: unknown): boolean => error instanceof GatewayError && error.kind === 'rejected';
    await assert.rejects(readMovements({ transactions }, span(Date.now() - 4 * 365 * DAY), 10), refused);
  });

  it('refuses a cursor that is none', async () => {
    const { transactions } = searchOver([], 1);
    const span = { since: new Date(SINCE), until: new Date(SINCE + DAY) };
    for (const cursor of ['', 'x', '1-2', '2-1-1', '1-2-0', '1-2-3-4']) {
      await assert.rejects(
        readMovements({ transactions }, { ...span, cursor }, 10),
        (error) => error instanceof DomainError,
        cursor,
      );
    }
  });
});
