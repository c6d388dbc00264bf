import { DEADLINE_ACTOR } from '../../../domain/checkout/fraud/review-queue.ts';
import { DomainError, invalid, notFound } from '../../../domain/shared/errors.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum } from '../enum-names.ts';
import type { Resolvers } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, optionalTextInput, textInput } from '../text-input.ts';
import { toAdminCheckout } from './checkout-types.ts';

/** What operators see of checkouts and do with them. */
export const checkoutResolvers: Resolvers = {
  Query: {
    async checkouts(_, { status, ...page }, { checkouts }) {
      const found = await checkouts.list(toPageRequest(page), status == null ? {} : { status: fromEnum(status) });
      return toConnection(found, toAdminCheckout);
    },
    async checkout(_, { id }, { checkouts }) {
      const checkout = await checkouts.findById(id);
      return checkout ? toAdminCheckout(checkout) : null;
    },
  },
  Mutation: {
    async fraudReviewDecide(_, { input }, { checkoutProcess, checkouts, fraud }) {
      try {
        const note = optionalTextInput(input.note, 'note', MAX_NOTE_LENGTH);
        const actor = textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);
        if (actor === DEADLINE_ACTOR) throw invalid('actor', 'Is the name of the clock that decides when nobody did');
        const checkout = await checkouts.findById(input.checkoutId);
        if (!checkout) throw notFound('The checkout', 'checkoutId');
        await fraud.reviews.assertMayDecide(checkout.id, actor);
        await checkoutProcess.decideReview(checkout.cartId, {
          checkoutId: checkout.id,
          decision: fromEnum(input.decision),
          actor,
          ...(note !== undefined && { note }),
        });
        // Decided already, or just now: what is stored is what was decided.
        const decided = await checkouts.findById(checkout.id);
        if (decided?.status === 'in_review') await fraud.reviews.assertMayDecide(checkout.id, actor);
        if (decided?.status === 'in_review') throw new DomainError('CONFLICT', 'The review is not being waited for: its workflow does not run', 'checkoutId');
        return { __typename: 'FraudReviewPayload', checkout: toAdminCheckout(decided ?? checkout) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
};
