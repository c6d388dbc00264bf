import type { Decline } from '../../domain/payments/gateway.ts';

/** Declines after which the same customer should not be asked to try again: the card is reported, or the payment is suspected. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  'fraudulent',
  'lost_card',
  'merchant_blacklist',
  'pickup_card',
  'restricted_card',
  'security_violation',
  'stolen_card',
]);

/**
 * The decline in an error of a payment. The issuer's decline code says more than the error code `card_declined`, so it
 * comes first.
 */
export function toDecline(error: {
  code?: string | null | undefined;
  decline_code?: string | null | undefined;
  message?: string | null | undefined;
}): Decline {
  const code = error.decline_code || error.code || 'generic_decline';
  return { code, message: error.message || 'The payment was declined.', retryable: !FINAL_CODES.has(code) };
}
