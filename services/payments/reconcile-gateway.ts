import type { ActorStarter } from '../../domain/checkout/actor-starter.ts';
import type { NewIncident } from '../../domain/orders/incident.ts';
import { GatewayError } from '../../domain/payments/gateway.ts';
import type { Gateways } from '../../domain/payments/gateways.ts';
import type { PaymentRefresher } from '../../domain/payments/payment-refresher.ts';
import {
  compareBooks,
  ledgerHasLess,
  RECONCILIATION_PHASES,
  type BooksEntry,
  type Finding,
  type ReconciliationCounts,
  type ReconciliationPhase,
  type ReconciliationRun,
} from '../../domain/payments/reconciliation.ts';
import type { StuckOperation } from '../../domain/payments/reconciliation-store.ts';
import { notFound } from '../../domain/shared/errors.ts';
import { DomainError } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Work } from '../stores.ts';

/** Rows that are compared, or looked at, at a time. */
const COMPARED = 500;
const LISTED = 100;

/** So many payments of a page without an answer: the gateway is down, and the page is tried again later. */
const SILENT = 5;

/** Nobody has told for so long what became of a movement: whoever owns it is woken … */
const WAKE_AFTER_SECONDS = 10 * 60;
/** … and a person is called when that was of no use. */
const CALL_AFTER_SECONDS = 60 * 60;

/** One walk through a gateway's ledger, in steps that may each be repeated. */
export interface GatewayReconciler {
  /** Begins a run, or tells the one that is under way or was cut off. */
  begin(request: { gateway: string; actor: string }): Promise<ReconciliationRun>;
  /** Does up to so many pages; true when the run has ended. Raises GatewayError when the ledger cannot be read. */
  advance(runId: string, pages: number): Promise<boolean>;
  fail(runId: string, error: string): Promise<void>;
}

type Outcome = Partial<ReconciliationCounts>;

/** What a page came to, and where the next one begins; no `next`: the phase is over. */
interface PageResult {
  readonly next?: string | undefined;
  readonly counts: Outcome;
}

const sum = (outcomes: readonly Outcome[]): Outcome => {
  const total: Record<string, number> = {};
  for (const outcome of outcomes) for (const [name, count] of Object.entries(outcome)) total[name] = (total[name] ?? 0) + count;
  return total;
};

/** The gateway's definitive word that it knows no such payment. */
const isRejected = (error: unknown): error is GatewayError => error instanceof GatewayError && error.kind === 'rejected';

/** How far a run looks. Minutes and seconds as in the configuration. */
export interface ReconciliationSpan {
  /** How long a gateway's ledger may be silent of a movement. */
  readonly overlapMinutes: number;
  /** What is younger is left to those who are working on it. */
  readonly settleSeconds: number;
}

/** Where a run that begins now ends. */
export const spanOf = (
  now: Date,
  { overlapMinutes, settleSeconds }: ReconciliationSpan,
): { until: Date; overlapMinutes: number } => ({
  until: new Date(now.getTime() - settleSeconds * 1000),
  overlapMinutes,
});

/** Builds the reconciliation. */
export function createGatewayReconciler(
  deps: {
    work: Work;
    gateways: Gateways;
    actors: ActorStarter;
    refresher: PaymentRefresher;
    newId: IdGenerator;
    now: () => Date;
  } & ReconciliationSpan,
): GatewayReconciler {
  const { work, gateways, actors, refresher, newId, now } = deps;
  const { reconciliation, incidents } = work.stores;

  const raise = async (incident: NewIncident, unlessClosedSince: Date): Promise<Outcome> => ({
    incidents: (await incidents.raise(newId('incident'), incident, { unlessClosedSince })) ? 1 : 0,
  });

  const paymentFacts = ({ gateway, gatewayRef, paymentId, orderId, currency }: BooksEntry) => ({
    gateway,
    paymentRef: gatewayRef,
    paymentId,
    orderId,
    currency,
  });

  const mismatch = (run: ReconciliationRun, entry: BooksEntry, finding: Finding & { kind: 'mismatch' }): Promise<Outcome> => {
    const second = finding.gatewayRef !== entry.gatewayRef;
    return raise(
      {
        kind: 'payment_mismatch',
        subjectId: entry.paymentId,
        cause: finding.cause,
        nextAction: second
          ? 'Refund the second payment'
          : "Compare the payment with the gateway's dashboard; refund what was taken too much",
        ...paymentFacts(entry),
        paymentRef: finding.gatewayRef,
        amount: finding.amount,
        actions: second ? ['retry', 'refund', 'ignore'] : ['retry', 'ignore'],
      },
      run.since,
    );
  };

  const missing = (run: ReconciliationRun, entry: BooksEntry, cause: string): Promise<Outcome> =>
    raise(
      {
        kind: 'missing_at_gateway',
        subjectId: entry.paymentId,
        cause,
        nextAction: "Look the payment up in the gateway's dashboard; deliver nothing more before it is clear",
        ...paymentFacts(entry),
        amount: Math.max(entry.captured - entry.ledger.captured, entry.refunded - entry.ledger.refunded),
      },
      run.since,
    );

  async function wakeCheckout(run: ReconciliationRun, { cartId, checkoutId }: BooksEntry | StuckOperation): Promise<Outcome> {
    await actors.notifyCheckout({ cartId, checkoutId, eventId: `reconcile/${run.id}` });
    return { healed: 1 };
  }

  /** Reads the payment back; what is left of the difference after that is told to a person. */
  async function refresh(run: ReconciliationRun, entry: BooksEntry): Promise<Outcome> {
    const told = await refresher.refresh(entry.paymentId);
    if (told === 'incident') return { incidents: 1 };
    const after = (await reconciliation.entry(entry.paymentId)) ?? entry;
    const finding = compareBooks(after);
    if (finding.kind === 'mismatch') return mismatch(run, after, finding);
    if (finding.kind === 'wake_checkout') return wakeCheckout(run, after);
    if (told === 'changed') return { healed: 1 };
    // The ledger has more than the payment itself: no reading back will ever mend that. Less: it may lag.
    const more = Math.max(after.ledger.captured - after.captured, after.ledger.refunded - after.refunded - after.refundPending);
    if (finding.kind === 'agrees' || more <= 0) return {};
    return mismatch(run, after, {
      kind: 'mismatch',
      cause: `The gateway's ledger has ${more} more than the payment says`,
      gatewayRef: after.gatewayRef,
      amount: more,
    });
  }

  async function heal(run: ReconciliationRun, entry: BooksEntry): Promise<Outcome> {
    const finding = compareBooks(entry);
    switch (finding.kind) {
      case 'agrees':
        return {};
      case 'mismatch':
        return mismatch(run, entry, finding);
      case 'wake_checkout':
        return wakeCheckout(run, entry);
      case 'refresh':
        return answered(run, entry, () => refresh(run, entry));
    }
  }

  /**
   * One payment that the gateway says nothing of does not keep us from the others: the run is then not the last word. Neither does
   * one of which it says what our books cannot hold.
   */
  async function answered(run: ReconciliationRun, entry: BooksEntry, ask: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof DomainError) return mismatch(run, entry, { kind: 'mismatch', cause: error.message, gatewayRef: entry.gatewayRef, amount: entry.amount });
      if (!(error instanceof GatewayError)) throw error;
      return isRejected(error) ? missing(run, entry, error.message) : { unanswered: 1 };
    }
  }

  /** Looks at each row in turn: only what differs costs more than its comparison. */
  async function forEach<Row>(
    rows: readonly Row[],
    keyOf: (row: Row) => string,
    limit: number,
    look: (row: Row) => Promise<Outcome>,
  ): Promise<PageResult> {
    const outcomes: Outcome[] = [];
    let silent = 0;
    for (const row of rows) {
      const outcome = await look(row);
      outcomes.push(outcome);
      silent += outcome.unanswered ?? 0;
      if (silent >= SILENT) throw new GatewayError('ambiguous', 'The gateway does not answer');
    }
    const last = rows.at(-1);
    return { next: rows.length === limit && last ? keyOf(last) : undefined, counts: sum(outcomes) };
  }

  async function readLedger(run: ReconciliationRun): Promise<PageResult> {
    const { since, until, cursor, gateway } = run;
    const page = await gateways.get(gateway).movements({ since, until, ...(cursor === null ? {} : { cursor }) });
    await reconciliation.mirror(run, page.movements);
    if (page.next === undefined) await reconciliation.linkLeftovers(run.id);
    return { next: page.next, counts: { movements: page.movements.length } };
  }

  async function comparePayments(run: ReconciliationRun): Promise<PageResult> {
    const entries = await reconciliation.touched(run.id, run.cursor, COMPARED);
    const page = await forEach(
      entries,
      ({ paymentId }) => paymentId,
      COMPARED,
      (entry) => heal(run, entry),
    );
    return { ...page, counts: { ...page.counts, payments: entries.length } };
  }

  const lookAtUnknown = async (run: ReconciliationRun): Promise<PageResult> =>
    forEach(
      await reconciliation.unknown(run.id, run.cursor, LISTED),
      ({ gatewayRef }) => gatewayRef,
      LISTED,
      async ({ gatewayRef, currency, held, open, lastMovedAt }) => {
        const amount = Math.max(held, 0) + open;
        if (amount === 0) return {};
        return raise(
          {
            kind: 'unknown_payment',
            subjectId: gatewayRef,
            cause: `${run.gateway} holds money of a payment that is not ours`,
            nextAction: 'Adopt it if it belongs to an order; refund it if nobody knows it',
            gateway: run.gateway,
            paymentRef: gatewayRef,
            amount,
            currency,
          },
          lastMovedAt,
        );
      },
    );

  const lookForMissing = async (run: ReconciliationRun): Promise<PageResult> =>
    forEach(
      await reconciliation.missing(run, run.cursor, LISTED),
      ({ paymentId }) => paymentId,
      LISTED,
      (entry) =>
        answered(run, entry, async () => {
          const told = await refresher.refresh(entry.paymentId);
          const after = await reconciliation.entry(entry.paymentId);
          if (told === 'incident') return { incidents: 1 };
          if (!after || !ledgerHasLess(after)) return { healed: 1 };
          return missing(run, after, "The gateway's ledger has no movement for what we have as captured or refunded");
        }),
    );

  const wakeOwners = async (run: ReconciliationRun): Promise<PageResult> =>
    forEach(
      await reconciliation.stuckOperations(run.gateway, WAKE_AFTER_SECONDS, run.cursor, LISTED),
      ({ key }) => key,
      LISTED,
      async (operation) => {
        const { orderId, paymentId, key, kind, gatewayRef, amount, currency, ageSeconds } = operation;
        if (operation.orderPlaced) await actors.notifyOrder({ orderId, paymentId, eventId: `reconcile/${run.id}` });
        else
          await actors.notifyCheckout({
            cartId: operation.cartId,
            checkoutId: operation.checkoutId,
            eventId: `reconcile/${run.id}`,
          });
        if (ageSeconds < CALL_AFTER_SECONDS) return { healed: 1 };
        return raise(
          {
            kind: 'operation_stuck',
            subjectId: key,
            cause: `A ${kind} has been on its way for ${Math.floor(ageSeconds / 60)} minutes`,
            nextAction: "Look the payment up in the gateway's dashboard, then retry",
            gateway: run.gateway,
            paymentRef: gatewayRef,
            paymentId,
            orderId,
            amount,
            currency,
          },
          run.since,
        );
      },
    );

  const wakeRefunds = async (run: ReconciliationRun): Promise<PageResult> =>
    forEach(
      await reconciliation.stuckRefunds(run.gateway, WAKE_AFTER_SECONDS, run.cursor, LISTED),
      (id) => id,
      LISTED,
      async (refundId) => {
        await actors.notifyRefund({ refundId, eventId: `reconcile/${run.id}` });
        return { healed: 1 };
      },
    );

  const PAGES: Readonly<Record<Exclude<ReconciliationPhase, 'done'>, (run: ReconciliationRun) => Promise<PageResult>>> = {
    ledger: readLedger,
    payments: comparePayments,
    unknown: lookAtUnknown,
    missing: lookForMissing,
    operations: wakeOwners,
    refunds: wakeRefunds,
  };

  /** A run that got no answer for something was no look at all of it: the next one covers its span again. */
  const finish = ({ id, unanswered }: ReconciliationRun): Promise<void> =>
    unanswered === 0
      ? reconciliation.finish(id, 'completed')
      : reconciliation.finish(id, 'failed', `The gateway told nothing of ${unanswered} payments`);

  async function load(runId: string): Promise<ReconciliationRun> {
    const run = await reconciliation.get(runId);
    if (!run) throw notFound('The reconciliation run', 'runId');
    return run;
  }

  return {
    begin: ({ gateway, actor }) =>
      reconciliation.begin({ id: newId('reconciliationRun'), gateway, actor, ...spanOf(now(), deps) }),

    async advance(runId, pages) {
      for (let page = 0; page < pages; page += 1) {
        const run = await load(runId);
        if (run.status !== 'running') return true;
        const { phase, cursor } = run;
        if (phase === 'done') {
          await finish(run);
          return true;
        }
        const { next, counts } = await PAGES[phase](run);
        const following = RECONCILIATION_PHASES[RECONCILIATION_PHASES.indexOf(phase) + 1] ?? 'done';
        const to = next === undefined ? { phase: following, cursor: null } : { phase, cursor: next };
        await reconciliation.advance(runId, { from: { phase, cursor }, to, counts });
      }
      return false;
    },

    async fail(runId, error) {
      await reconciliation.finish(runId, 'failed', error);
    },
  };
}
