import type { CheckoutAnswer } from '../../domain/checkout/submission.ts';
import { assertNever, DomainError, VersionMismatchError } from '../../domain/shared/errors.ts';

const conflict = (message: string): DomainError => new DomainError('CONFLICT', message, 'id');

/** Why a checkout that an operator submitted has made no order; undefined when it has. */
export function whyNotPlaced(answer: CheckoutAnswer): DomainError | undefined {
  switch (answer.kind) {
    case 'placed':
      return undefined;
    case 'invalid': {
      const [problem] = answer.problems;
      const code =
        problem?.code === 'INVOICE_EXPIRED' || problem?.code === 'INVOICE_CANCELED' ? 'INVALID_TRANSITION' : 'INVALID_INPUT';
      return new DomainError(code, problem?.message ?? 'The draft cannot be completed', problem?.field ?? 'id');
    }
    case 'out_of_stock':
      return conflict(
        `Not enough is in stock: ${answer.lines.map((line) => `${line.available} of ${line.requested} of ${line.variantId}`).join(', ')}`,
      );
    case 'price_changed':
      return conflict('The prices have just changed: look at the draft again');
    case 'version_mismatch':
      return new VersionMismatchError(answer.currentVersion);
    case 'action_required':
    case 'in_review':
      return conflict('The customer is paying: wait for the end of the checkout');
    case 'declined':
      return conflict(answer.message);
    case 'ended':
      return conflict(`The checkout has ended: ${answer.status}`);
    case 'processing':
      return new DomainError('SERVICE_UNAVAILABLE', 'The checkout goes on: look at the draft again', 'id');
    default:
      return assertNever(answer);
  }
}
