import { createHash } from 'node:crypto';
import type { CardFacts, Outcome, PaymentMethod } from './objects.ts';

/** What the issuer says to a charge. */
export interface DeclineFacts {
  readonly code: string;
  /** Absent where Stripe documents no decline code for the error code. */
  readonly declineCode?: string;
  readonly message: string;
}

/** How a test card behaves. */
export interface TestCard {
  readonly brand: string;
  readonly last4: string;
  readonly country: string;
  readonly funding: CardFacts['funding'];
  readonly decline?: DeclineFacts;
  /**
   * When the customer must authenticate first; `decline` then applies after the authentication. `unless_kept`: not with a
   * method that was set up before. `on_session`: not when the customer is away.
   */
  readonly authentication?: 'always' | 'unless_kept' | 'on_session';
  /** Can be kept for a customer though each charge is declined. */
  readonly keepable?: boolean;
  readonly risk: Outcome['risk_level'];
  /** `fail`: refunds succeed first and fail later. `pending`: refunds are pending first and succeed later. */
  readonly refund?: 'fail' | 'pending';
  /** The holder disputes each charge, for this reason. */
  readonly dispute?: { readonly reason: string; readonly inquiry?: boolean };
}

const declined = (declineCode: string, message = 'Your card was declined.'): DeclineFacts => ({
  code: 'card_declined',
  declineCode,
  message,
});

const CODES_WITHOUT_DECLINE_CODE: Readonly<Record<string, string>> = {
  expired_card: 'Your card has expired.',
  incorrect_cvc: "Your card's security code is incorrect.",
  processing_error: 'An error occurred while processing your card. Try again in a little bit.',
  incorrect_number: 'Your card number is incorrect.',
};

/** The decline that Stripe reports for a code: an error code of its own, or `card_declined` with a decline code. */
export function declineOf(code: string): DeclineFacts {
  const message = CODES_WITHOUT_DECLINE_CODE[code];
  if (message !== undefined) return { code, message };
  if (code === 'authentication_required') return { code, declineCode: code, message: 'Your card requires authentication.' };
  if (code === 'insufficient_funds') return declined(code, 'Your card has insufficient funds.');
  return declined(code);
}

const card = (last4: string, facts: Partial<TestCard> = {}): TestCard => ({
  brand: 'visa',
  country: 'US',
  funding: 'credit',
  risk: 'normal',
  ...facts,
  last4,
});

const NAMED: Readonly<Record<string, TestCard>> = {
  visa: card('4242'),
  visa_debit: card('5556', { funding: 'debit' }),
  mastercard: card('4444', { brand: 'mastercard' }),
  mastercard_debit: card('8210', { brand: 'mastercard', funding: 'debit' }),
  mastercard_prepaid: card('5100', { brand: 'mastercard', funding: 'prepaid' }),
  amex: card('8431', { brand: 'amex' }),
  discover: card('1117', { brand: 'discover' }),
  diners: card('0004', { brand: 'diners' }),
  jcb: card('0505', { brand: 'jcb', country: 'JP' }),
  unionpay: card('0005', { brand: 'unionpay', country: 'CN' }),

  chargeDeclined: card('0002', { decline: declined('generic_decline') }),
  visa_chargeDeclined: card('0002', { decline: declined('generic_decline') }),
  visa_chargeDeclinedInsufficientFunds: card('9995', { decline: declineOf('insufficient_funds') }),
  visa_chargeDeclinedLostCard: card('9987', { decline: declined('lost_card') }),
  visa_chargeDeclinedStolenCard: card('9979', { decline: declined('stolen_card') }),
  visa_chargeDeclinedVelocityLimitExceeded: card('6975', { decline: declined('card_velocity_exceeded') }),
  chargeDeclinedExpiredCard: card('0069', { decline: declineOf('expired_card') }),
  chargeDeclinedIncorrectCvc: card('0127', { decline: declineOf('incorrect_cvc') }),
  chargeDeclinedProcessingError: card('0119', { decline: declineOf('processing_error') }),
  chargeCustomerFail: card('0341', { decline: declined('generic_decline'), keepable: true }),

  authenticationRequired: card('3184', { authentication: 'always' }),
  authenticationRequiredOnSetup: card('3155', { authentication: 'unless_kept' }),
  authenticationRequiredSetupForOffSession: card('0446', { authentication: 'on_session' }),
  authenticationRequiredChargeDeclinedInsufficientFunds: card('8260', {
    authentication: 'always',
    decline: declineOf('insufficient_funds'),
  }),
  threeDSecure2Required: card('3220', { authentication: 'always' }),
  threeDSecureRequired: card('3063', { authentication: 'always' }),
  threeDSecureRequiredChargeDeclined: card('1629', { authentication: 'always', decline: declined('generic_decline') }),
  threeDSecureOptional: card('3055'),

  riskLevelElevated: card('9235', { risk: 'elevated' }),
  riskLevelHighest: card('4954', { risk: 'highest', decline: declined('fraudulent') }),
  radarBlock: card('0019', { risk: 'highest', decline: declined('fraudulent') }),
  createDispute: card('0259', { dispute: { reason: 'fraudulent' } }),
  createDisputeProductNotReceived: card('2685', { dispute: { reason: 'product_not_received' } }),
  createDisputeInquiry: card('1976', { dispute: { reason: 'fraudulent', inquiry: true } }),
  pendingRefund: card('7726', { refund: 'pending' }),
  refundFail: card('5126', { refund: 'fail' }),
};

/** Last four digits of the documented card of each country. */
const COUNTRIES: Readonly<Record<string, string>> = {
  us: '4242',
  ar: '0021',
  br: '0002',
  ca: '0000',
  mx: '8001',
  ae: '0004',
  at: '0001',
  au: '0006',
  be: '0004',
  ch: '0009',
  cn: '0002',
  cz: '0002',
  de: '0016',
  dk: '0001',
  es: '0007',
  fi: '0001',
  fr: '0003',
  gb: '0000',
  gr: '0007',
  hk: '0004',
  ie: '0005',
  in: '0008',
  it: '0008',
  jp: '0003',
  nl: '0002',
  no: '0008',
  nz: '0000',
  pl: '0005',
  pt: '0008',
  ro: '0001',
  se: '0008',
  sg: '0003',
};

const DISTINCT = /^(pm_card_.+)_fp_([A-Za-z0-9-]{1,64})$/;

/** Equal for equal payment methods, like Stripe's own. */
const fingerprintOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 16);

/**
 * The test card behind a payment method, or undefined when Stripe documents none of that name. `pm_card_visa_fp_<n>` is our
 * own addition: a card that behaves like `pm_card_visa` but has a fingerprint of its own, for tests with many buyers.
 */
export function testCard(paymentMethod: string): TestCard | undefined {
  const name = (DISTINCT.exec(paymentMethod)?.[1] ?? paymentMethod).replace(/^pm_card_/, '');
  if (!paymentMethod.startsWith('pm_card_')) return undefined;
  if (Object.hasOwn(NAMED, name)) return NAMED[name];
  if (!Object.hasOwn(COUNTRIES, name)) return undefined;
  return card(COUNTRIES[name] ?? '', { country: name.toUpperCase() });
}

/** The public facts of a payment method's card. */
export const cardFacts = (paymentMethod: string, { brand, country, funding, last4 }: TestCard): CardFacts => ({
  brand,
  country,
  exp_month: 12,
  exp_year: new Date().getUTCFullYear() + 3,
  fingerprint: fingerprintOf(paymentMethod),
  funding,
  last4,
});

/** A payment method as the API shows it. The card's facts come from its test name, so that equal cards look alike. */
export const paymentMethodOf = (method: {
  id: string;
  testName: string;
  card: TestCard;
  created: number;
  customer: string | null;
}): PaymentMethod => ({
  id: method.id,
  object: 'payment_method',
  billing_details: { address: null, email: null, name: null, phone: null },
  card: cardFacts(method.testName, method.card),
  created: method.created,
  customer: method.customer,
  livemode: false,
  metadata: {},
  type: 'card',
});

/** The networks on which the emulated account, a European one, may capture an authorization in parts. */
const MULTICAPTURE_BRANDS: ReadonlySet<string> = new Set(['visa', 'mastercard', 'amex', 'discover', 'diners']);

/** Whether an authorization of the card can be captured in parts. */
export const allowsMulticapture = ({ brand }: TestCard): boolean => MULTICAPTURE_BRANDS.has(brand);

const RISK_SCORES: Readonly<Record<Outcome['risk_level'], number>> = { normal: 12, elevated: 68, highest: 92 };

/** What a charge on the card tells about risk and the network's answer. */
export function outcomeOf({ risk }: TestCard, decline: DeclineFacts | undefined): Outcome {
  const common = { risk_level: risk, risk_score: RISK_SCORES[risk] };
  if (decline && risk === 'highest') {
    const reason = 'highest_risk_level';
    return {
      ...common,
      network_status: 'not_sent_to_network',
      reason,
      seller_message: 'Stripe blocked this payment as too risky.',
      type: 'blocked',
    };
  }
  if (decline) {
    const reason = decline.declineCode ?? decline.code;
    return {
      ...common,
      network_status: 'declined_by_network',
      reason,
      seller_message: 'The bank declined the payment.',
      type: 'issuer_declined',
    };
  }
  return {
    ...common,
    network_status: 'approved_by_network',
    reason: null,
    seller_message: 'Payment complete.',
    type: 'authorized',
  };
}
