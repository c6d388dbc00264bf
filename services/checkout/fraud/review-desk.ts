import {
  CLAIM_MINUTES,
  type FraudReview,
  type ReviewClaim,
  type ReviewNote,
} from '../../../domain/checkout/fraud/review-queue.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import type { Page, PageRequest } from '../../../domain/shared/page.ts';
import type { Stores, Work } from '../../stores.ts';

const MAX_NOTES = 100;

/** The review queue as operators work it off. */
export interface ReviewDesk {
  /** The nearest deadline first. */
  queue(page: PageRequest, filter: { claimed?: boolean; channelId?: string }): Promise<Page<FraudReview>>;
  /** Of a checkout that was reviewed before, too. */
  find(checkoutId: string): Promise<FraudReview | undefined>;
  /**
   * Claims it for so many minutes, or extends the operator's own claim.
   * Raises CONFLICT when somebody else has it, NOT_FOUND, and INVALID_TRANSITION when nothing is left to review.
   */
  claim(claim: { checkoutId: string; minutes?: number | undefined; actor: string }): Promise<FraudReview>;
  /** Gives the operator's own claim up; without one it changes nothing. Raises CONFLICT when somebody else has it. */
  release(release: { checkoutId: string; actor: string }): Promise<FraudReview>;
  addNote(note: { checkoutId: string; text: string; actor: string }): Promise<ReviewNote>;
  /** Newest first. */
  notes(checkoutId: string, page: PageRequest): Promise<Page<ReviewNote>>;
  /** Raises CONFLICT when another operator works on the review. */
  assertMayDecide(checkoutId: string, operator: string): Promise<void>;
}

/** Tells who has the review, and until when. */
export const claimedByOther = ({ operator, expiresAt }: ReviewClaim): DomainError =>
  new DomainError('CONFLICT', `The review is claimed by ${operator} until ${expiresAt.toISOString()}`, 'checkoutId');

async function reviewOf(stores: Stores, checkoutId: string): Promise<FraudReview> {
  const review = await stores.fraud.reviews.find(checkoutId);
  if (!review) throw notFound('The checkout', 'checkoutId');
  return review;
}

export function createReviewDesk({ work, newId }: { work: Work; newId: IdGenerator }): ReviewDesk {
  const { reviews } = work.stores.fraud;
  return {
    queue: (page, filter) => reviews.queue(page, filter),
    find: (checkoutId) => reviews.find(checkoutId),
    notes: (checkoutId, page) => reviews.notes(checkoutId, page),

    async claim({ checkoutId, minutes = CLAIM_MINUTES.default, actor }) {
      if (!Number.isInteger(minutes) || minutes < 1 || minutes > CLAIM_MINUTES.max)
        throw invalid('minutes', `Must be 1 to ${CLAIM_MINUTES.max}`);
      return work.transaction(async (stores) => {
        // The decision locks the checkout too: a claim comes wholly before or wholly after it.
        const checkout = await stores.checkouts.lock(checkoutId);
        if (!checkout) throw notFound('The checkout', 'checkoutId');
        if (checkout.status !== 'in_review')
          throw new DomainError(
            'INVALID_TRANSITION',
            `The checkout is ${checkout.status}: nothing is left to review`,
            'checkoutId',
          );
        const claim = await stores.fraud.reviews.claim(checkoutId, actor, minutes);
        if (!claim) {
          const other = await stores.fraud.reviews.claimOf(checkoutId);
          throw other
            ? claimedByOther(other)
            : new DomainError('CONFLICT', 'The review was claimed by somebody else', 'checkoutId');
        }
        await stores.audit.append({ actor, action: 'fraud_review.claim', subjectId: checkoutId, detail: { minutes } });
        return reviewOf(stores, checkoutId);
      });
    },

    release: ({ checkoutId, actor }) =>
      work.transaction(async (stores) => {
        if (await stores.fraud.reviews.release(checkoutId, actor)) {
          await stores.audit.append({ actor, action: 'fraud_review.release', subjectId: checkoutId });
        }
        const review = await reviewOf(stores, checkoutId);
        if (review.claim) throw claimedByOther(review.claim);
        return review;
      }),

    addNote: ({ checkoutId, text, actor }) =>
      work.transaction(async (stores) => {
        if (!(await stores.checkouts.lock(checkoutId))) throw notFound('The checkout', 'checkoutId');
        if ((await stores.fraud.reviews.countNotes(checkoutId)) >= MAX_NOTES)
          throw invalid('text', `The checkout has ${MAX_NOTES} notes already`);
        const note = await stores.fraud.reviews.addNote({ id: newId('fraudReviewNote'), checkoutId, actor, text });
        await stores.audit.append({ actor, action: 'fraud_review.note', subjectId: checkoutId, detail: { noteId: note.id } });
        return note;
      }),

    async assertMayDecide(checkoutId, operator) {
      const claim = await reviews.claimOf(checkoutId);
      if (claim && claim.operator !== operator) throw claimedByOther(claim);
    },
  };
}
