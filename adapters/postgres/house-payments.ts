import { GatewayError, type GatewayCapture, type GatewayPayment, type GatewayRefund, type PaymentReference } from '../../domain/payments/gateway.ts';
import type { HousePaymentStore } from '../../domain/payments/house-payment.ts';
import type { MovementKind } from '../../domain/payments/movement.ts';
import type { PaymentMethodDetails } from '../../domain/payments/vault.ts';
import { createIdGenerator } from '../../platform/ids.ts';
import { prepared, type Sql } from './database.ts';
import { createStoredValueStore } from './stored-value.ts';

const newId = createIdGenerator();

interface Row {
  readonly id: string;
  readonly gateway: string;
  readonly method: string;
  readonly accountId: string | null;
  readonly codeLast4: string | null;
  readonly currency: string;
  readonly amount: number;
  readonly captured: number;
  readonly closed: boolean;
  readonly declined: string | null;
  readonly reference: PaymentReference;
  readonly captures: readonly GatewayCapture[];
}

const INSERT = prepared(`INSERT INTO house_payments (id, gateway, method, account_id, currency, amount, closed, declined, reference)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`);
const LOCK = prepared('SELECT 1 FROM house_payments WHERE id = $1 FOR UPDATE');
const GET = prepared(`SELECT p.id, p.gateway, p.method, p.account_id AS "accountId", a.code_last4 AS "codeLast4", p.currency, p.amount, p.captured, p.closed, p.declined,
    p.reference, (SELECT coalesce(json_agg(json_build_object('ref', c.id, 'amount', c.amount, 'refunded', (SELECT coalesce(sum(r.amount), 0)
      FROM house_payment_entries r WHERE r.capture_id = c.id)) ORDER BY c.position), '[]') FROM house_payment_entries c
      WHERE c.payment_id = p.id AND c.kind = 'capture') AS captures
  FROM house_payments p LEFT JOIN stored_value_accounts a ON a.id = p.account_id WHERE p.id = $1`);
const UPDATE = prepared('UPDATE house_payments SET captured = captured + $2, closed = closed OR $3 WHERE id = $1');
const ENTER = prepared(`INSERT INTO house_payment_entries (id, payment_id, kind, amount, capture_id, key) VALUES ($1, $2, $3, $4, $5, $6)`);
const BY_KEY = prepared('SELECT id, amount FROM house_payment_entries WHERE key = $1 AND kind = $2');
const MOVEMENTS = prepared(`SELECT e.position, e.id, e.kind, e.payment_id AS "gatewayRef", coalesce(e.capture_id, e.id) AS "captureRef", e.amount, p.currency,
    e.created_at AS "occurredAt", e.key, p.reference FROM house_payment_entries e JOIN house_payments p ON p.id = e.payment_id
  WHERE p.gateway = $1 AND e.created_at >= $2 AND e.created_at < $3 AND e.position > $4 ORDER BY e.position LIMIT $5`);

const rejected = (message: string): GatewayError => new GatewayError('rejected', message);

const methodOf = ({ gateway, method, codeLast4 }: Row): PaymentMethodDetails =>
  gateway === 'manual' ? { kind: method } : { kind: gateway, ...(codeLast4 === null ? {} : { last4: codeLast4 }) };

function stateOf({ gateway, amount, captured, closed, declined }: Row): GatewayPayment['state'] {
  if (declined !== null) return 'failed';
  if (captured === amount || (closed && captured > 0)) return 'captured';
  if (closed) return 'canceled';
  return gateway === 'manual' ? 'deferred' : 'authorized';
}

function toPayment(row: Row): GatewayPayment {
  const state = stateOf(row);
  const open = state === 'authorized' || state === 'deferred';
  return {
    gatewayRef: row.id,
    state,
    amount: row.amount,
    currency: row.currency,
    capturable: open ? row.amount - row.captured : 0,
    captured: row.captured,
    refunded: row.captures.reduce((sum, capture) => sum + capture.refunded, 0),
    captures: row.captures,
    ...(row.declined === null ? {} : { decline: { code: row.declined, message: 'The balance does not cover the amount', retryable: true } }),
    method: methodOf(row),
    reference: row.reference,
  };
}

/** Payments whose other side is the store itself, in Postgres. */
export function createHousePaymentStore(sql: Sql): HousePaymentStore {
  const accounts = createStoredValueStore(sql);
  const read = async (paymentId: string): Promise<Row | undefined> => (await sql.rows<Row>(GET, [paymentId]))[0];

  async function lock(paymentId: string): Promise<Row> {
    await sql.rows(LOCK, [paymentId]);
    const row = await read(paymentId);
    if (!row) throw rejected('There is no such payment');
    return row;
  }

  async function told(paymentId: string): Promise<GatewayPayment> {
    const row = await read(paymentId);
    if (!row) throw rejected('There is no such payment');
    return toPayment(row);
  }

  const isCaptured = async (key: string): Promise<boolean> => (await sql.rows(BY_KEY, [key, 'capture'])).length > 0;

  async function move(row: Row, kind: 'redeem' | 'release' | 'refund', key: string, deltas: { balance: number; held: number }): Promise<void> {
    if (row.accountId === null) return;
    const { accountId, id: referenceId } = row;
    const done = await accounts.move({ accountId, kind, balanceDelta: deltas.balance, heldDelta: deltas.held, key, referenceId });
    if (!done) throw new Error(`Account ${accountId} does not hold what payment ${referenceId} needs`);
  }

  const store: HousePaymentStore = {
    async authorize({ key, gateway, method, accountId, amount, currency, captureMethod, reference }) {
      const { paymentId } = reference;
      const account = accountId === null ? undefined : await accounts.get(accountId);
      if (accountId !== null && account?.kind !== gateway) throw rejected('There is no such account');
      if (account && account.currency !== currency) throw rejected(`The account is in ${account.currency}`);
      if (await read(paymentId)) return told(paymentId);
      const held =
        !account ||
        (account.status === 'active' &&
          (account.expiresAt === null || account.expiresAt > new Date()) &&
          (await accounts.move({ accountId: account.id, kind: 'hold', heldDelta: amount, key, referenceId: paymentId })));
      // The account's lock decides which of two that carry the same key comes first.
      if (await read(paymentId)) return told(paymentId);
      const inserted = await sql.run(INSERT, [paymentId, gateway, method, accountId, currency, amount, !held, held ? null : 'insufficient_funds', reference]);
      if (inserted === 1 && held && account && captureMethod === 'automatic') return store.capture({ key: `${key}/capture`, gatewayRef: paymentId, amount, final: true });
      return told(paymentId);
    },

    async capture({ key, gatewayRef, amount, final }) {
      const row = await lock(gatewayRef);
      const { capturable } = toPayment(row);
      if (capturable === 0 || (await isCaptured(key))) return toPayment(row);
      if (amount > capturable) throw rejected(`At most ${capturable} can be captured`);
      await move(row, 'redeem', key, { balance: -amount, held: -amount });
      await sql.run(ENTER, [newId('housePaymentEntry'), row.id, 'capture', amount, null, key]);
      await sql.run(UPDATE, [row.id, amount, final]);
      if (final && amount < capturable) await move(row, 'release', `${key}/rest`, { balance: 0, held: amount - capturable });
      return told(row.id);
    },

    async void({ key, gatewayRef }) {
      const row = await lock(gatewayRef);
      const { capturable } = toPayment(row);
      if (capturable === 0) return toPayment(row);
      await move(row, 'release', key, { balance: 0, held: -capturable });
      await sql.run(UPDATE, [row.id, 0, true]);
      return told(row.id);
    },

    async refund({ key, gatewayRef, captureRef, amount }): Promise<GatewayRefund> {
      const row = await lock(gatewayRef);
      const known = await store.findRefund(key);
      if (known) return known;
      const capture = row.captures.find(({ ref }) => ref === captureRef);
      if (!capture) throw rejected('There is no such capture');
      const left = capture.amount - capture.refunded;
      if (amount > left) throw rejected(`At most ${left} can be refunded`);
      await move(row, 'refund', key, { balance: amount, held: 0 });
      const id = newId('housePaymentEntry');
      await sql.run(ENTER, [id, row.id, 'refund', amount, captureRef, key]);
      return { gatewayRef: id, state: 'succeeded', amount };
    },

    async get(paymentId) {
      const row = await read(paymentId);
      return row && toPayment(row);
    },

    async findRefund(key) {
      const [entry] = await sql.rows<{ id: string; amount: number }>(BY_KEY, [key, 'refund']);
      return entry && { gatewayRef: entry.id, state: 'succeeded', amount: entry.amount };
    },

    async movements(gateway, { since, until, after, limit }) {
      return sql.rows<{
        position: number;
        id: string;
        kind: MovementKind & ('capture' | 'refund');
        gatewayRef: string;
        captureRef: string;
        amount: number;
        currency: string;
        occurredAt: Date;
        key: string;
        reference: PaymentReference;
      }>(MOVEMENTS, [gateway, since, until, after, limit]);
    },
  };
  return store;
}
