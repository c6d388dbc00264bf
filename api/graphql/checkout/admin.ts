import type { Checkout } from '../../../domain/checkout/checkout.ts';
import { DomainError, notFound } from '../../../domain/shared/errors.ts';
import { checkoutWorkflowId } from '../../../temporal/contracts/checkout.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { AdminCheckout, Resolvers } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, MAX_NOTE_LENGTH, optionalTextInput, textInput } from '../text-input.ts';

const toAdminCheckout = (checkout: Checkout): AdminCheckout => ({
  id: checkout.id,
  cartId: checkout.cartId,
  orderId: checkout.orderId,
  attempt: checkout.attempt,
  status: toEnum(checkout.status),
  total: { amount: checkout.total, currency: checkout.currency },
  fraud: checkout.fraud,
  reviewDeadline: checkout.reviewDeadline,
  holdExpiresAt: checkout.holdExpiresAt,
  workflowId: checkoutWorkflowId(checkout.cartId),
  createdAt: checkout.createdAt,
  updatedAt: checkout.updatedAt,
});

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
    async fraudReviewDecide(_, { input }, { checkoutProcess, checkouts }) {
      try {
        const note = optionalTextInput(input.note, 'note', MAX_NOTE_LENGTH);
        const actor = textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);
        const checkout = await checkouts.findById(input.checkoutId);
        if (!checkout) throw notFound('The checkout', 'checkoutId');
        await checkoutProcess.decideReview(checkout.cartId, {
          checkoutId: checkout.id,
          decision: fromEnum(input.decision),
          actor,
          ...(note !== undefined && { note }),
        });
        // Decided already, or just now: what is stored is what was decided.
        const decided = await checkouts.findById(checkout.id);
        if (decided?.status === 'in_review') throw new DomainError('CONFLICT', 'The review is not being waited for: its workflow does not run', 'checkoutId');
        return { __typename: 'FraudReviewPayload', checkout: toAdminCheckout(decided ?? checkout) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
};
