import type { Page, PageRequest } from '../../shared/page.ts';
import type { FraudDecision } from './assess-fraud.ts';

/** What a version in shadow would have done with one checkout, and what was done. */
export interface ShadowResult {
  readonly versionId: string;
  readonly checkoutId: string;
  readonly score: number;
  readonly decision: FraudDecision;
  readonly activeScore: number;
  readonly activeDecision: FraudDecision;
  /** The rules of the version that found something. */
  readonly rules: readonly string[];
}

export type StoredShadowResult = ShadowResult & { readonly assessedAt: Date };

/** Checkouts of which both decisions were these, and what became of them. */
export interface ShadowCell {
  readonly activeDecision: FraudDecision;
  readonly decision: FraudDecision;
  readonly checkouts: number;
  /** Turned out to be fraud. */
  readonly bad: number;
  /** Turned out to be honest. */
  readonly good: number;
}

type Tally = Readonly<Record<FraudDecision, Pick<ShadowCell, 'checkouts' | 'bad' | 'good'>>>;

/** A version in shadow beside what decided. */
export interface ShadowReport {
  readonly checkouts: number;
  /** By what the version would have decided. */
  readonly shadow: Tally;
  /** By what was decided. */
  readonly active: Tally;
  readonly disagreements: number;
  /** One for each pair of decisions that occurred. */
  readonly cells: readonly ShadowCell[];
}

function tally(cells: readonly ShadowCell[], decisionOf: (cell: ShadowCell) => FraudDecision): Tally {
  const of = (decision: FraudDecision): Tally[FraudDecision] => {
    const mine = cells.filter((cell) => decisionOf(cell) === decision);
    const total = (field: 'checkouts' | 'bad' | 'good'): number => mine.reduce((sum, cell) => sum + cell[field], 0);
    return { checkouts: total('checkouts'), bad: total('bad'), good: total('good') };
  };
  return { accept: of('accept'), review: of('review'), reject: of('reject') };
}

/** Adds up the pairs of decisions. */
export function shadowReport(cells: readonly ShadowCell[]): ShadowReport {
  const count = (those: readonly ShadowCell[]): number => those.reduce((sum, cell) => sum + cell.checkouts, 0);
  return {
    checkouts: count(cells),
    shadow: tally(cells, (cell) => cell.decision),
    active: tally(cells, (cell) => cell.activeDecision),
    disagreements: count(cells.filter((cell) => cell.decision !== cell.activeDecision)),
    cells,
  };
}

/** Where the results of versions in shadow are kept: the last of each checkout, for 120 days. */
export interface ShadowResultStore {
  record(results: readonly ShadowResult[]): Promise<void>;
  cells(versionId: string, time: { from: Date; to: Date }): Promise<ShadowCell[]>;
  /** Where the version would have decided otherwise, the newest checkout first. */
  disagreements(versionId: string, page: PageRequest): Promise<Page<StoredShadowResult>>;
}
