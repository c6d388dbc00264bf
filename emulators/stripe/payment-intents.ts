import type { Account, Call } from './account.ts';
import { ApiError, badParameter, missingResource, refused } from './api-error.ts';
import { captureCharge, createCharge, releaseCharge } from './charges.ts';
import { newId, unixNow } from './ids.ts';
import type { NextAction, PaymentError, PaymentIntent } from './objects.ts';
import type { Parameters } from './parameters.ts';
import { declineOf, paymentMethodOf, testCard, type DeclineFacts, type TestCard } from './test-cards.ts';

/** Stripe's largest amount of a card payment, and its smallest per currency where the store may meet it. */
const MAX_AMOUNT = 99_999_999;
const MIN_AMOUNTS: Readonly<Record<string, number>> = { usd: 50, eur: 50, gbp: 30, jpy: 50 };

interface Confirmation {
  readonly paymentMethod: string | undefined;
  readonly returnUrl: string | undefined;
}

function knownCard(paymentMethod: string): TestCard {
  const card = testCard(paymentMethod);
  if (!card) throw missingResource('PaymentMethod', paymentMethod, 'payment_method', 400);
  return card;
}

/** The intent named in the path, or Stripe's 404. */
export function findIntent(account: Account, id: string): PaymentIntent {
  const intent = account.intents.get(id);
  if (!intent) throw missingResource('payment_intent', id, 'intent');
  return intent;
}

function unexpectedState(intent: PaymentIntent, verb: string): ApiError {
  const message = `This PaymentIntent's status is ${intent.status}, so it could not be ${verb}.`;
  return refused('payment_intent_unexpected_state', message, { payment_intent: intent });
}

function readCurrency(params: Parameters): string {
  const currency = params.requiredText('currency').toLowerCase();
  if (!/^[a-z]{3}$/.test(currency)) throw badParameter('parameter_invalid_string', 'currency', `Invalid currency: ${currency}`);
  return currency;
}

function readAmount(params: Parameters, currency: string): number {
  const amount = params.requiredInteger('amount', { min: 1 });
  const least = MIN_AMOUNTS[currency] ?? 1;
  if (amount < least)
    throw badParameter('amount_too_small', 'amount', `Amount must be at least ${least} ${currency} in minor units`);
  if (amount > MAX_AMOUNT)
    throw badParameter('amount_too_large', 'amount', `Amount must be no more than ${MAX_AMOUNT} ${currency} in minor units`);
  return amount;
}

function readConfirmation(params: Parameters): Confirmation {
  const paymentMethod = params.text('payment_method');
  if (paymentMethod !== undefined) knownCard(paymentMethod);
  const returnUrl = params.text('return_url');
  if (returnUrl !== undefined && !URL.canParse(returnUrl)) throw badParameter('url_invalid', 'return_url', 'Not a valid URL');
  return { paymentMethod, returnUrl };
}

/** Where the customer authenticates: a page to be sent to, or what Stripe's browser library would open. */
function authenticationOf(account: Account, intent: PaymentIntent, returnUrl: string | undefined): NextAction {
  const url = `${account.baseUrl()}/3d-secure/${intent.id}?client_secret=${intent.client_secret}`;
  return returnUrl === undefined
    ? { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url } }
    : { type: 'redirect_to_url', redirect_to_url: { url, return_url: returnUrl } };
}

/** Charges the card, and moves the intent to where the charge leads. Raises nothing: a decline is a state. */
function charge(
  account: Account,
  intent: PaymentIntent,
  paymentMethod: string,
  decline: DeclineFacts | undefined,
  call: Call,
): PaymentIntent {
  const card = knownCard(paymentMethod);
  const made = createCharge(account, intent, paymentMethod, card, decline);
  if (decline) {
    const error: PaymentError = {
      type: 'card_error',
      code: decline.code,
      ...(decline.declineCode === undefined ? {} : { decline_code: decline.declineCode }),
      message: decline.message,
      charge: made.id,
      payment_method: paymentMethodOf(paymentMethod, card, made.created),
    };
    return fail(account, { ...intent, latest_charge: made.id }, error, call);
  }
  const captured = made.captured;
  const paid = account.intents.put({
    ...intent,
    amount_capturable: captured ? 0 : intent.amount,
    amount_received: made.amount_captured,
    last_payment_error: null,
    latest_charge: made.id,
    next_action: null,
    payment_method: paymentMethod,
    status: captured ? 'succeeded' : 'requires_capture',
  });
  account.emit(captured ? 'payment_intent.succeeded' : 'payment_intent.amount_capturable_updated', paid, call);
  return paid;
}

/** Sends the intent back for another payment method. */
function fail(account: Account, intent: PaymentIntent, error: PaymentError, call: Call): PaymentIntent {
  const failed = account.intents.put({
    ...intent,
    last_payment_error: error,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  account.emit('payment_intent.payment_failed', failed, call);
  return failed;
}

function confirmWith(account: Account, intent: PaymentIntent, confirmation: Confirmation, call: Call): PaymentIntent {
  const paymentMethod = confirmation.paymentMethod ?? intent.payment_method;
  if (paymentMethod === null) {
    const message = 'You cannot confirm this PaymentIntent because it is missing a payment method.';
    throw refused('payment_intent_unexpected_state', message, { payment_intent: intent });
  }
  const card = knownCard(paymentMethod);
  const forced = call.forcedDecline === undefined ? undefined : declineOf(call.forcedDecline);
  if (card.authentication && !forced) {
    const waiting = account.intents.put({
      ...intent,
      last_payment_error: null,
      next_action: authenticationOf(account, intent, confirmation.returnUrl),
      payment_method: paymentMethod,
      status: 'requires_action',
    });
    account.emit('payment_intent.requires_action', waiting, call);
    return waiting;
  }
  const after = charge(account, intent, paymentMethod, forced ?? card.decline, call);
  const error = after.last_payment_error;
  if (error) throw new ApiError(402, { ...error, type: 'card_error', payment_intent: after }, true);
  return after;
}

/** `POST /v1/payment_intents` */
export function createIntent(account: Account, params: Parameters, call: Call): PaymentIntent {
  const currency = readCurrency(params);
  const amount = readAmount(params, currency);
  const confirm = params.boolean('confirm') ?? false;
  const confirmation = readConfirmation(params);
  const captureMethod = params.oneOf('capture_method', ['automatic', 'automatic_async', 'manual']) ?? 'automatic_async';
  const automatic = params.child('automatic_payment_methods');
  const enabled = automatic?.boolean('enabled') ?? false;
  const allowRedirects = automatic?.oneOf('allow_redirects', ['always', 'never']) ?? 'always';
  const types = params.list('payment_method_types');
  const customer = params.text('customer') ?? null;
  const description = params.text('description') ?? null;
  const receiptEmail = params.text('receipt_email') ?? null;
  const metadata = params.metadata();
  params.end();
  if (automatic && types.length > 0) {
    throw badParameter(
      'parameter_invalid_empty',
      'payment_method_types',
      'Only one of automatic_payment_methods and payment_method_types may be set.',
    );
  }
  if (confirmation.returnUrl !== undefined && !confirm) {
    throw badParameter('parameter_missing', 'confirm', 'return_url can only be provided when confirm is true.');
  }
  if (confirmation.returnUrl !== undefined && enabled && allowRedirects === 'never') {
    throw badParameter('parameter_invalid_empty', 'return_url', 'return_url cannot be used when allow_redirects is never.');
  }
  if (confirm && confirmation.returnUrl === undefined && types.length === 0 && allowRedirects === 'always') {
    throw badParameter(
      'parameter_missing',
      'return_url',
      'A return_url is required, since payment methods that redirect are allowed.',
    );
  }
  const id = newId('pi');
  const intent = account.intents.put({
    id,
    object: 'payment_intent',
    amount,
    amount_capturable: 0,
    amount_received: 0,
    automatic_payment_methods: types.length === 0 ? { enabled: true, allow_redirects: allowRedirects } : null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: captureMethod,
    client_secret: newId(`${id}_secret`),
    confirmation_method: 'automatic',
    created: unixNow(),
    currency,
    customer,
    description,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    metadata,
    next_action: null,
    payment_method: confirmation.paymentMethod ?? null,
    payment_method_types: types.length > 0 ? types : ['card'],
    processing: null,
    receipt_email: receiptEmail,
    setup_future_usage: null,
    shipping: null,
    statement_descriptor: null,
    status: confirmation.paymentMethod === undefined ? 'requires_payment_method' : 'requires_confirmation',
  });
  account.emit('payment_intent.created', intent, call);
  return confirm ? confirmWith(account, intent, confirmation, call) : intent;
}

/** `POST /v1/payment_intents/:id/confirm` */
export function confirmIntent(account: Account, id: string, params: Parameters, call: Call): PaymentIntent {
  const intent = findIntent(account, id);
  const confirmation = readConfirmation(params);
  params.end();
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status))
    throw unexpectedState(intent, 'confirmed');
  return confirmWith(account, intent, confirmation, call);
}

/** `POST /v1/payment_intents/:id/capture` */
export function captureIntent(account: Account, id: string, params: Parameters, call: Call): PaymentIntent {
  const intent = findIntent(account, id);
  const amount = params.integer('amount_to_capture', { min: 1 }) ?? intent.amount_capturable;
  const metadata = params.metadata();
  params.end();
  const authorized = account.charges.get(intent.latest_charge ?? '');
  if (intent.status !== 'requires_capture' || !authorized) throw unexpectedState(intent, 'captured');
  if (amount > intent.amount_capturable) {
    const message = `The amount to capture is greater than the amount that can be captured (${intent.amount_capturable}).`;
    throw refused('amount_too_large', message, { param: 'amount_to_capture' });
  }
  if (call.forcedDecline !== undefined) {
    const { code, declineCode, message } = declineOf(call.forcedDecline);
    const declined = declineCode === undefined ? {} : { decline_code: declineCode };
    throw new ApiError(
      402,
      { type: 'card_error', code, ...declined, message, charge: authorized.id, payment_intent: intent },
      true,
    );
  }
  const charged = captureCharge(account, authorized, amount);
  const captured = account.intents.put({
    ...intent,
    amount_capturable: 0,
    amount_received: amount,
    metadata: { ...intent.metadata, ...metadata },
    status: 'succeeded',
  });
  account.emit('charge.captured', charged, call);
  account.emit('payment_intent.succeeded', captured, call);
  return captured;
}

/** `POST /v1/payment_intents/:id/cancel` */
export function cancelIntent(account: Account, id: string, params: Parameters, call: Call): PaymentIntent {
  const intent = findIntent(account, id);
  const reason = params.oneOf('cancellation_reason', ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']) ?? null;
  params.end();
  if (intent.status === 'canceled' || intent.status === 'succeeded') throw unexpectedState(intent, 'canceled');
  const authorized = account.charges.get(intent.latest_charge ?? '');
  const released = intent.status === 'requires_capture' && authorized ? releaseCharge(account, authorized) : undefined;
  const canceled = account.intents.put({
    ...intent,
    amount_capturable: 0,
    canceled_at: unixNow(),
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  });
  if (released) account.emit('charge.refunded', released, call);
  account.emit('payment_intent.canceled', canceled, call);
  return canceled;
}

/** Ends a 3-D Secure challenge as the customer chose. Returns undefined when the intent does not wait for one. */
export function finishAuthentication(
  account: Account,
  intent: PaymentIntent,
  authenticated: boolean,
  call: Call,
): PaymentIntent | undefined {
  if (intent.status !== 'requires_action' || intent.payment_method === null) return undefined;
  const card = knownCard(intent.payment_method);
  if (authenticated) return charge(account, intent, intent.payment_method, card.decline, call);
  return fail(
    account,
    intent,
    {
      type: 'invalid_request_error',
      code: 'payment_intent_authentication_failure',
      message: 'The provided PaymentMethod has failed authentication. Provide a new PaymentMethod to try again.',
      payment_method: paymentMethodOf(intent.payment_method, card, unixNow()),
    },
    call,
  );
}
