import { invalid } from '../shared/errors.ts';
import type { SearchSignals } from './search-document.ts';

/** What speaks for a product, each from 0 to 1. Recency is reckoned when it is asked for; the others are kept in the index. */
export const RANKING_SIGNALS = ['sold', 'viewed', 'stock', 'margin', 'recency', 'rating'] as const;
export type RankingSignal = (typeof RANKING_SIGNALS)[number];

/** The signals that an index keeps. */
export const KEPT_SIGNALS = ['sold', 'viewed', 'stock', 'margin', 'rating'] as const;
export type KeptSignals = Readonly<Record<(typeof KEPT_SIGNALS)[number], number>>;

/** How much each signal counts beside the words: a weight of 1 lets a signal of 1 double a score. */
export type RankingWeights = Readonly<Record<RankingSignal, number>>;

export const DEFAULT_WEIGHTS: RankingWeights = { sold: 0.4, viewed: 0.15, stock: 0.05, margin: 0, recency: 0.05, rating: 0.2 };
export const MAX_WEIGHT = 5;

/** After so many days a product is half as new. */
export const RECENCY_HALF_LIFE_DAYS = 90;
const DAY_MS = 86_400_000;

/** What counts as much, units or times in 30 days: more adds nothing. */
const MUCH_SOLD = 1_000;
const MUCH_VIEWED = 20_000;
const MUCH_STOCK = 100;
/** A rating is trusted as if so many had rated it in the middle before. */
const PRIOR_RATINGS = 5;
const MIDDLE_RATING = 3;
const BEST_RATING = 5;

/** Each further one counts less. */
const saturated = (count: number, much: number): number => Math.min(1, Math.log1p(Math.max(0, count)) / Math.log1p(much));
const within = (value: number): number => Math.min(1, Math.max(0, value));
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** Decides between equals: what is sold counts more than what is looked at, and each further one counts less. */
export const popularityOf = ({ sold, viewed }: SearchSignals): number => Math.log1p(sold + viewed / 20);

/** The signals as an index keeps them. */
export function keptSignals({ sold, viewed, available, margin, rating }: SearchSignals): KeptSignals {
  const trusted = rating === null ? 0 : (rating.average * rating.count + MIDDLE_RATING * PRIOR_RATINGS) / (rating.count + PRIOR_RATINGS) / BEST_RATING;
  return {
    sold: rounded(saturated(sold, MUCH_SOLD)),
    viewed: rounded(saturated(viewed, MUCH_VIEWED)),
    // What needs no stock is always there.
    stock: rounded(available === null ? 1 : saturated(available, MUCH_STOCK)),
    margin: rounded(within(margin ?? 0)),
    rating: rounded(trusted),
  };
}

/** 1 for what is new, half after each half-life. */
export const recencyOf = (createdAt: Date, now: Date): number => 0.5 ** (Math.max(0, now.getTime() - createdAt.getTime()) / DAY_MS / RECENCY_HALF_LIFE_DAYS);

/** By what a score is multiplied for what speaks for the product: 1 and more. */
export const strengthOf = (signals: Readonly<Record<RankingSignal, number>>, weights: RankingWeights): number =>
  RANKING_SIGNALS.reduce((sum, signal) => sum + weights[signal] * signals[signal], 1);

/** Checks weights that somebody gives. Raises INVALID_INPUT naming the field. */
export function checkWeights(weights: RankingWeights, field: string): RankingWeights {
  for (const signal of RANKING_SIGNALS) {
    const weight = weights[signal];
    if (!Number.isFinite(weight) || weight < 0 || weight > MAX_WEIGHT) throw invalid(`${field}.${signal}`, `Must be 0 to ${MAX_WEIGHT}`);
  }
  return weights;
}

/** Products that a rule speaks of. */
export type RankingTarget =
  | { readonly kind: 'products'; readonly ids: readonly string[] }
  | { readonly kind: 'category'; readonly handle: string }
  | { readonly kind: 'attribute'; readonly code: string; readonly value: string };

/** What merchandisers say of a product comes to this much at most, however many of their rules speak of it. */
export const MOST_FACTOR = 1_000_000;

/** How found products are put into order. */
export interface Ranking {
  readonly weights: RankingWeights;
  /** The instant that recency is reckoned from. */
  readonly now: Date;
  /** Scores of the targets are multiplied: above 1 to boost, below to bury. */
  readonly adjustments: readonly { readonly target: RankingTarget; readonly factor: number }[];
  /** Not to be found at all. */
  readonly hidden: readonly RankingTarget[];
}
