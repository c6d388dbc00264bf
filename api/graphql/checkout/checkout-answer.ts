import type { CheckoutAnswer } from '../../../domain/checkout/submission.ts';
import type { OrderReader } from '../../../domain/orders/order-reader.ts';
import { assertNever, VersionMismatchError } from '../../../domain/shared/errors.ts';
import { toUserError } from '../../errors.ts';
import { toEnum } from '../enum-names.ts';
import type { ResolversTypes } from '../generated/storefront.ts';
import { toOrder } from '../orders/order-types.ts';
import { toProblem } from './cart-types.ts';

/** A member of `CheckoutSubmitResult`. */
export type SubmitResult = Awaited<ResolversTypes['CheckoutSubmitResult']>;

/** The order that the checkout became. */
export async function placedOrder(orderId: string, orders: OrderReader): Promise<SubmitResult> {
  const order = await orders.get(orderId);
  if (!order) throw new Error(`The order ${orderId} was placed but is not stored`);
  return { __typename: 'CheckoutPlaced', order: toOrder(order) };
}

/** The checkout's answer as GraphQL tells it. */
export async function toSubmitResult(answer: CheckoutAnswer, orders: OrderReader): Promise<SubmitResult> {
  switch (answer.kind) {
    case 'placed':
      return placedOrder(answer.orderId, orders);
    case 'action_required':
      return {
        __typename: 'CheckoutActionRequired',
        checkoutId: answer.checkoutId,
        redirectUrl: answer.action.url ?? null,
        clientSecret: answer.action.clientSecret ?? null,
        expiresAt: new Date(answer.expiresAt),
      };
    case 'in_review':
      return { __typename: 'CheckoutInReview', checkoutId: answer.checkoutId, decidedBy: new Date(answer.decidedBy) };
    case 'declined':
      return {
        __typename: 'CheckoutDeclined',
        checkoutId: answer.checkoutId,
        reason: answer.reason,
        message: answer.message,
        retryable: answer.retryable,
      };
    case 'out_of_stock':
      return { __typename: 'CheckoutOutOfStock', lines: answer.lines };
    case 'price_changed':
      return {
        __typename: 'CheckoutPriceChanged',
        expectedTotal: answer.expectedTotal ?? null,
        total: answer.total,
        lines: answer.lines,
      };
    case 'invalid':
      return { __typename: 'CheckoutInvalid', problems: answer.problems.map(toProblem) };
    case 'version_mismatch':
      return toUserError(new VersionMismatchError(answer.currentVersion));
    case 'processing':
      return { __typename: 'CheckoutProcessing', message: answer.message };
    case 'ended':
      return { __typename: 'CheckoutEnded', checkoutId: answer.checkoutId, status: toEnum(answer.status) };
    default:
      return assertNever(answer);
  }
}
