import type { Page, PageRequest } from '../../shared/page.ts';
import type { Checkout } from '../checkout.ts';

/** An operator works on a review; nobody else may decide until it ends. */
export interface ReviewClaim {
  readonly checkoutId: string;
  readonly operator: string;
  readonly claimedAt: Date;
  readonly expiresAt: Date;
}

/** Decides when nobody did in time, whoever has claimed the review. */
export const DEADLINE_ACTOR = 'deadline';

export const CLAIM_MINUTES = { default: 15, max: 240 } as const;

/** A checkout that waits for a decision. */
export interface FraudReview {
  readonly checkout: Checkout;
  /** Undefined when nobody works on it. */
  readonly claim: ReviewClaim | undefined;
  readonly notes: number;
}

/** What an operator found out. */
export interface ReviewNote {
  readonly id: string;
  readonly checkoutId: string;
  readonly actor: string;
  readonly text: string;
  readonly createdAt: Date;
}

/** Whether somebody else works on the review. */
export const isClaimedByOther = (claim: ReviewClaim | undefined, operator: string): claim is ReviewClaim =>
  claim !== undefined && claim.operator !== operator;

/** Where claims and notes are kept. Claims that ended are as good as none. */
export interface ReviewStore {
  /** The nearest deadline first. `claimed` filters by whether somebody works on it. */
  queue(page: PageRequest, filter: { claimed?: boolean; channelId?: string }): Promise<Page<FraudReview>>;
  find(checkoutId: string): Promise<FraudReview | undefined>;
  claimOf(checkoutId: string): Promise<ReviewClaim | undefined>;
  /** Claims or extends it; undefined when somebody else has claimed it. */
  claim(checkoutId: string, operator: string, minutes: number): Promise<ReviewClaim | undefined>;
  /** Whether the operator had claimed it. */
  release(checkoutId: string, operator: string): Promise<boolean>;
  addNote(note: Omit<ReviewNote, 'createdAt'>): Promise<ReviewNote>;
  countNotes(checkoutId: string): Promise<number>;
  /** Newest first. */
  notes(checkoutId: string, page: PageRequest): Promise<Page<ReviewNote>>;
}
