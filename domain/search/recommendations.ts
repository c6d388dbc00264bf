import type { Audience } from '../catalog/audience.ts';
import type { RankingTarget } from './ranking.ts';

/** What is asked for. */
export const RECOMMENDATION_KINDS = ['also_bought', 'also_viewed', 'similar', 'personal', 'recently_viewed', 'cart'] as const;
export type RecommendationKind = (typeof RECOMMENDATION_KINDS)[number];

/** Why a product is recommended. */
export type RecommendationReason = 'bought_together' | 'viewed_together' | 'similar' | 'recently_viewed' | 'popular_in_category' | 'popular';

export interface Recommendation {
  readonly productId: string;
  readonly reason: RecommendationReason;
  /** The product that it goes with; null: none in particular. */
  readonly becauseOf: string | null;
  /** Higher is better; comparable within one answer only. */
  readonly score: number;
}

/** Products that go together, as they were last reckoned, and what visitors looked at. Nothing is told that is kept from the audience. */
export interface RecommendationStore {
  /** What was bought, or looked at, together with these products, best first; on sale and in stock only. */
  pairs(kind: 'bought' | 'viewed', productIds: readonly string[], limit: number, audience: Audience): Promise<readonly { productId: string; becauseOf: string; score: number }[]>;
  /** What a visitor looked at, the latest first. */
  viewed(visitor: string, limit: number): Promise<string[]>;
  /** What a visitor, by carts that became orders, has bought, the latest first. */
  bought(visitor: string, limit: number): Promise<string[]>;
  /** What sells best, in the categories of these products, or in all. */
  popular(besides: readonly string[] | null, limit: number, audience: Audience): Promise<readonly { productId: string; score: number }[]>;
  /** Of these, those that a rule speaks of. */
  hidden(productIds: readonly string[], targets: readonly RankingTarget[]): Promise<ReadonlySet<string>>;
  /** Of these, those that can be bought now. */
  buyable(productIds: readonly string[], audience: Audience): Promise<ReadonlySet<string>>;
  /** Reckons anew what goes together. `beat` is called between steps. Repeatable. */
  reckon(beat: () => void): Promise<{ readonly bought: number; readonly viewed: number }>;
}
