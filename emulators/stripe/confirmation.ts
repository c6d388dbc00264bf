import type { Account } from './account.ts';
import { badParameter } from './api-error.ts';
import type { NextAction, PaymentError, PaymentIntent, SetupIntent } from './objects.ts';
import type { Parameters } from './parameters.ts';
import { findMethod, showMethod, type KnownMethod } from './payment-methods.ts';
import { declineOf, type DeclineFacts } from './test-cards.ts';

/** What a request says about paying or setting up, for both kinds of intent. */
export interface Confirmation {
  readonly paymentMethod: string | undefined;
  readonly returnUrl: string | undefined;
  /** The customer is not there. */
  readonly offSession: boolean;
}

/** Reads the parameters that a creation and a confirmation share. */
export function readConfirmation(account: Account, params: Parameters): Omit<Confirmation, 'offSession'> {
  const paymentMethod = params.text('payment_method');
  if (paymentMethod !== undefined) findMethod(account, paymentMethod);
  const returnUrl = params.text('return_url');
  if (returnUrl !== undefined && !URL.canParse(returnUrl)) throw badParameter('url_invalid', 'return_url', 'Not a valid URL');
  return { paymentMethod, returnUrl };
}

/** Reads which methods an intent may use, and refuses a way back that does not fit. */
export function readAutomaticMethods(
  params: Parameters,
  { confirm, returnUrl }: { confirm: boolean; returnUrl: string | undefined },
): Pick<PaymentIntent, 'automatic_payment_methods' | 'payment_method_types'> {
  const automatic = params.child('automatic_payment_methods');
  const enabled = automatic?.boolean('enabled') ?? false;
  const allowRedirects = automatic?.oneOf('allow_redirects', ['always', 'never']) ?? 'always';
  const types = params.list('payment_method_types');
  const refuse = (code: string, param: string, message: string): never => {
    throw badParameter(code, param, message);
  };
  if (automatic && types.length > 0) {
    const message = 'Only one of automatic_payment_methods and payment_method_types may be set.';
    refuse('parameter_invalid_empty', 'payment_method_types', message);
  }
  if (returnUrl !== undefined && !confirm)
    refuse('parameter_missing', 'confirm', 'return_url can only be provided when confirm is true.');
  if (returnUrl !== undefined && enabled && allowRedirects === 'never')
    refuse('parameter_invalid_empty', 'return_url', 'return_url cannot be used when allow_redirects is never.');
  if (confirm && returnUrl === undefined && types.length === 0 && allowRedirects === 'always') {
    const message = 'A return_url is required, since payment methods that redirect are allowed.';
    refuse('parameter_missing', 'return_url', message);
  }
  return {
    automatic_payment_methods: types.length === 0 ? { enabled: true, allow_redirects: allowRedirects } : null,
    payment_method_types: types.length > 0 ? types : ['card'],
  };
}

/** Whether the issuer wants the customer to authenticate. */
export function wantsAuthentication({ card, stored }: KnownMethod, offSession: boolean): boolean {
  const kept = typeof stored?.customer === 'string';
  switch (card.authentication) {
    case 'always':
      return true;
    case 'unless_kept':
      return !kept;
    case 'on_session':
      return !offSession;
    default:
      return false;
  }
}

/** Where the customer authenticates: a page to be sent to, or what Stripe's browser library would open. */
export function authenticationOf(
  account: Account,
  { id, client_secret: secret }: Pick<PaymentIntent | SetupIntent, 'id' | 'client_secret'>,
  returnUrl: string | undefined,
): NextAction {
  const url = `${account.baseUrl()}/3d-secure/${id}?client_secret=${secret}`;
  return returnUrl === undefined
    ? { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url } }
    : { type: 'redirect_to_url', redirect_to_url: { url, return_url: returnUrl } };
}

/** A decline as the intent shows it. */
export const declinedWith = (decline: DeclineFacts, method: KnownMethod, charge?: string): PaymentError => ({
  type: 'card_error',
  code: decline.code,
  ...(decline.declineCode === undefined ? {} : { decline_code: decline.declineCode }),
  message: decline.message,
  ...(charge === undefined ? {} : { charge }),
  payment_method: showMethod(method),
});

/** What is said to a card that wants its holder when the holder is away. */
export const HOLDER_IS_AWAY: DeclineFacts = declineOf('authentication_required');

/** An authentication that the customer failed, as the intent shows it. */
export const authenticationFailed = (kind: 'payment' | 'setup', method: KnownMethod): PaymentError => ({
  type: 'invalid_request_error',
  code: `${kind}_intent_authentication_failure`,
  message: 'The provided PaymentMethod has failed authentication. Provide a new PaymentMethod to try again.',
  payment_method: showMethod(method),
});
