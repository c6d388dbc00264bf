import { looksLikeCardNumber } from '../../../domain/shared/card-number.ts';
import { isCurrencyCode, MAX_AMOUNT } from '../../../domain/shared/money.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import type { CheckoutSubmission } from '../../../domain/checkout/submission.ts';
import type { CheckoutSubmitInput } from '../generated/storefront.ts';

const MAX_METHOD_LENGTH = 200;
const MAX_URL_LENGTH = 2_000;
const TOKEN = /^[A-Za-z0-9_-]+$/;

/** A token of a payment method, checked. Raises INVALID_INPUT, without repeating what was sent. */
export function parsePaymentMethod(value: string): string {
  // Neither the message nor the log may repeat it.
  if (looksLikeCardNumber(value)) {
    throw invalid('paymentMethod', "Send the gateway's token of the payment method, never a card number: it was not processed");
  }
  if (value.length > MAX_METHOD_LENGTH || !TOKEN.test(value)) {
    throw invalid('paymentMethod', `Must be the gateway's token: at most ${MAX_METHOD_LENGTH} letters, digits, - and _`);
  }
  return value;
}

/** Where a customer comes back to, checked. Raises INVALID_INPUT. */
export function parseReturnUrl(value: string): string {
  const url = value.length <= MAX_URL_LENGTH && URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalid('returnUrl', `Must be an http or https URL without credentials, of at most ${MAX_URL_LENGTH} characters`);
  }
  return url.href;
}

function expectedTotal({ amount, currency }: { amount: number; currency: string }): { amount: number; currency: string } {
  if (amount < 0 || amount > MAX_AMOUNT) throw invalid('expectedTotal.amount', `Must be 0 to ${MAX_AMOUNT} minor units`);
  if (!isCurrencyCode(currency)) throw invalid('expectedTotal.currency', 'Must be an ISO 4217 code such as EUR');
  return { amount, currency };
}

/** The part of a submission that the shopper sends, checked. Raises INVALID_INPUT naming the field. */
export function parseSubmission(
  input: CheckoutSubmitInput,
): Pick<CheckoutSubmission, 'cartVersion' | 'expectedTotal' | 'expectedAmountDue' | 'paymentMethod' | 'returnUrl'> {
  return {
    // None is needed when gift cards cover the total; whether they do is known later.
    paymentMethod: input.paymentMethod == null ? '' : parsePaymentMethod(input.paymentMethod),
    ...(input.version != null && { cartVersion: input.version }),
    ...(input.expectedTotal != null && { expectedTotal: expectedTotal(input.expectedTotal) }),
    ...(input.expectedAmountDue != null && { expectedAmountDue: input.expectedAmountDue }),
    ...(input.returnUrl != null && { returnUrl: parseReturnUrl(input.returnUrl) }),
  };
}
