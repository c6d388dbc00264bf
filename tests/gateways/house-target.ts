import { createHouseGateway } from '../../adapters/house/house-gateway.ts';
import { ephemeral, openDatabase } from '../../adapters/postgres/database.ts';
import { createUnitOfWork } from '../../adapters/postgres/unit-of-work.ts';
import { GatewayError, type PaymentGateway } from '../../domain/payments/gateway.ts';
import type { Work } from '../../services/stores.ts';
import { assertLedgerAddsUp } from '../support/stored-value-books.ts';
import { startTestDatabase } from '../support/test-database.ts';
import type { ConformanceTarget, GatewayCall, LedgerTruth } from './conformance.ts';

type HouseGatewayName = Parameters<typeof createHouseGateway>[1];

const MOVED = ephemeral(`SELECT (SELECT count(*)::int FROM house_payments WHERE reference ->> 'paymentId' = $1) AS payments,
    coalesce(sum(amount) FILTER (WHERE kind = 'capture'), 0)::bigint AS captured,
    coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0)::bigint AS refunded
  FROM house_payment_entries WHERE payment_id = $1`);

/** What really left the accounts and came back to them. */
const MOVED_ON_ACCOUNTS =
  ephemeral(`SELECT (SELECT count(*)::int FROM house_payments WHERE reference ->> 'paymentId' = $1) AS payments,
    coalesce(-sum(balance_delta) FILTER (WHERE kind = 'redeem'), 0)::bigint AS captured,
    coalesce(sum(balance_delta) FILTER (WHERE kind = 'refund'), 0)::bigint AS refunded
  FROM stored_value_entries WHERE reference_id = $1`);

/** The gateway as a caller sees it whose process ends between the commit and the answer. */
function forgetful(gateway: PaymentGateway): {
  gateway: PaymentGateway;
  lose(call: GatewayCall, times: number): void;
  clear(): void;
} {
  const lost = new Map<GatewayCall, number>();
  const answer = async <T>(call: GatewayCall, made: Promise<T>): Promise<T> => {
    const told = await made;
    const left = lost.get(call) ?? 0;
    if (left === 0) return told;
    lost.set(call, left - 1);
    throw new GatewayError('ambiguous', 'The answer was lost');
  };
  return {
    gateway: {
      ...gateway,
      authorize: (request) => answer('authorize', gateway.authorize(request)),
      capture: (request) => answer('capture', gateway.capture(request)),
      void: (request) => answer('void', gateway.void(request)),
      refund: (request) => answer('refund', gateway.refund(request)),
    },
    lose: (call, times) => void lost.set(call, times),
    clear: () => lost.clear(),
  };
}

/** A gateway of the store itself over a database of its own; at the end every account's ledger must add up. */
export async function startHouseTarget(
  name: HouseGatewayName,
  methods: (work: Work) => ConformanceTarget['methods'],
): Promise<ConformanceTarget> {
  const testDatabase = await startTestDatabase();
  const database = openDatabase({ url: testDatabase.url, poolSize: 6 });
  const work = createUnitOfWork(database);
  const { gateway, lose, clear } = forgetful(createHouseGateway(work, name));
  return {
    gateway,
    methods: methods(work),
    zeroDecimal: 'JPY',
    ledgerPage: 500,
    async ledger(paymentId) {
      const [truth] = await database.rows<LedgerTruth>(name === 'manual' ? MOVED : MOVED_ON_ACCOUNTS, [paymentId]);
      if (!truth) throw new Error('An aggregate has one row');
      return truth;
    },
    dropAnswers: async (call, times) => lose(call, times),
    clearFaults: async () => clear(),
    async close() {
      try {
        await assertLedgerAddsUp(database);
      } finally {
        await database.close();
        await testDatabase.close();
      }
    },
  };
}
