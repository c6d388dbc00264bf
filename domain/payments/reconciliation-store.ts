import type { Page, PageRequest } from '../shared/page.ts';
import type { GatewayMovement } from './movement.ts';
import type {
  BooksEntry,
  ReconciliationCounts,
  ReconciliationPhase,
  ReconciliationRun,
  UnknownPayment,
} from './reconciliation.ts';

export interface NewReconciliationRun {
  readonly id: string;
  readonly gateway: string;
  /** The run begins no later than where the last completed one ended, less the overlap, or with the gateway's first payment. */
  readonly since?: Date;
  readonly until: Date;
  readonly overlapMinutes: number;
  readonly actor: string;
}

/** Where a run stands, and what it has done since it stood where it did. */
export interface ReconciliationStep {
  readonly from: { readonly phase: ReconciliationPhase; readonly cursor: string | null };
  readonly to: { readonly phase: ReconciliationPhase; readonly cursor: string | null };
  readonly counts: Partial<ReconciliationCounts>;
}

/** A movement that was asked for, and of which nobody tells what became of it. */
export interface StuckOperation {
  readonly key: string;
  readonly kind: string;
  readonly paymentId: string;
  readonly gatewayRef: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly cartId: string;
  readonly checkoutId: string;
  readonly orderId: string;
  readonly orderPlaced: boolean;
  readonly ageSeconds: number;
}

/** Runs, the mirror of the gateways' ledgers, and their comparison with our books. Lists go by their last key, `after`. */
export interface ReconciliationStore {
  /** Begins a run, or tells the one that is running for the gateway. */
  begin(run: NewReconciliationRun): Promise<ReconciliationRun>;
  get(runId: string): Promise<ReconciliationRun | undefined>;
  list(page: PageRequest, filter: { gateway?: string }): Promise<Page<ReconciliationRun>>;
  /** Writes a page of the ledger and finds our payment for each of its movements. */
  mirror(run: Pick<ReconciliationRun, 'id' | 'gateway'>, movements: readonly GatewayMovement[]): Promise<void>;
  /** Looks again for the payments of movements that came before the movement they belong to. */
  linkLeftovers(runId: string): Promise<void>;
  /** False when the run stands elsewhere by now: somebody else took the step. */
  advance(runId: string, step: ReconciliationStep): Promise<boolean>;
  finish(runId: string, status: 'completed' | 'failed', error?: string): Promise<void>;
  /** Payments that the run's movements are of, by payment id. */
  touched(runId: string, after: string | null, limit: number): Promise<BooksEntry[]>;
  entry(paymentId: string): Promise<BooksEntry | undefined>;
  /** Payments at the gateway that are not ours and hold money, by the gateway's id. */
  unknown(runId: string, after: string | null, limit: number): Promise<UnknownPayment[]>;
  /** Payments that our books have more of than a ledger that had its time, by payment id. */
  missing(run: ReconciliationRun, after: string | null, limit: number): Promise<BooksEntry[]>;
  /** Operations of the gateway's payments that are pending for so long, by key. */
  stuckOperations(gateway: string, olderThanSeconds: number, after: string | null, limit: number): Promise<StuckOperation[]>;
  /** Refunds through the gateway that are pending for so long, by id. */
  stuckRefunds(gateway: string, olderThanSeconds: number, after: string | null, limit: number): Promise<string[]>;
  /** The movements of a payment that was nobody's are of this payment from now on. */
  assign(gateway: string, gatewayRef: string, paymentId: string): Promise<void>;
}
