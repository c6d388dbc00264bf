import type { OrdersCapture } from '@paypal/paypal-server-sdk';
import type { Decline } from '../../domain/payments/gateway.ts';
import { PaypalError } from './paypal-error.ts';

/** What PayPal calls a payment that it, or whoever stands behind the customer's account, does not want to make. */
const DECLINES: ReadonlySet<string> = new Set([
  'AGREEMENT_ALREADY_CANCELLED',
  'BILLING_AGREEMENT_NOT_FOUND',
  'CARD_EXPIRED',
  'COMPLIANCE_VIOLATION',
  'DECLINED_DUE_TO_RELATED_TXN',
  'DOMESTIC_TRANSACTION_REQUIRED',
  'INSTRUMENT_DECLINED',
  'MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED',
  'PAYEE_BLOCKED_TRANSACTION',
  'PAYER_ACCOUNT_LOCKED_OR_CLOSED',
  'PAYER_ACCOUNT_RESTRICTED',
  'PAYER_ACTION_REQUIRED',
  'PAYER_CANNOT_PAY',
  'PAYMENT_DENIED',
  'PAYMENT_SOURCE_CANNOT_BE_USED',
  'PAYMENT_SOURCE_DECLINED_BY_PROCESSOR',
  'REDIRECT_PAYER_FOR_ALTERNATE_FUNDING',
  'TOKEN_EXPIRED',
  'TOKEN_ID_NOT_FOUND',
  'TRANSACTION_BLOCKED_BY_PAYEE',
  'TRANSACTION_LIMIT_EXCEEDED',
  'TRANSACTION_RECEIVING_LIMIT_EXCEEDED',
  'TRANSACTION_REFUSED',
]);

/** Declines after which the same customer should not be asked to try again. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  'COMPLIANCE_VIOLATION',
  'DECLINED_BY_RISK_FRAUD_FILTERS',
  'PAYEE_BLOCKED_TRANSACTION',
  'PAYER_ACCOUNT_LOCKED_OR_CLOSED',
  'PAYER_ACCOUNT_RESTRICTED',
  'TRANSACTION_BLOCKED_BY_PAYEE',
]);

const decline = (code: string, message = 'PayPal declined the payment.'): Decline => ({
  code: code.toLowerCase(),
  message,
  retryable: !FINAL_CODES.has(code),
});

/** The decline in a failed exchange; undefined when it failed for another reason. */
export function toDecline(error: unknown): Decline | undefined {
  if (!(error instanceof PaypalError)) return undefined;
  const code = error.codes.find((issue) => DECLINES.has(issue));
  return code === undefined ? undefined : decline(code, error.description);
}

/** The decline of a capture or an authorization that PayPal has written down as declined or failed. */
export const toStoredDecline = (movement: Pick<OrdersCapture, 'statusDetails' | 'processorResponse'> | undefined): Decline =>
  decline(movement?.statusDetails?.reason ?? 'PAYMENT_DENIED');
