import type { Account, Call } from './account.ts';
import { ApiError, badParameter, missingResource, refused } from './api-error.ts';
import { captureCharge, createCharge, isMulticapture, releaseCharge } from './charges.ts';
import {
  authenticationFailed,
  authenticationOf,
  declinedWith,
  HOLDER_IS_AWAY,
  readAutomaticMethods,
  readConfirmation,
  wantsAuthentication,
  type Confirmation,
} from './confirmation.ts';
import { findCustomer } from './customers.ts';
import { newId, unixNow } from './ids.ts';
import type { PaymentError, PaymentIntent } from './objects.ts';
import type { Parameters } from './parameters.ts';
import { attachTo, checkOwner, findMethod, storeMethod, type KnownMethod } from './payment-methods.ts';
import { declineOf, type DeclineFacts } from './test-cards.ts';

/** Stripe's largest amount of a card payment, and its smallest per currency where the store may meet it. */
const MAX_AMOUNT = 99_999_999;
const MIN_AMOUNTS: Readonly<Record<string, number>> = { usd: 50, eur: 50, gbp: 30, jpy: 50 };

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

/** Charges the card, and moves the intent to where the charge leads. Raises nothing: a decline is a state. */
function charge(
  account: Account,
  intent: PaymentIntent,
  method: KnownMethod,
  decline: DeclineFacts | undefined,
  call: Call,
): PaymentIntent {
  const made = createCharge(account, intent, method, decline);
  if (decline) return fail(account, { ...intent, latest_charge: made.id }, declinedWith(decline, method, made.id), call);
  const { captured } = made;
  const paid = account.intents.put({
    ...intent,
    amount_capturable: captured ? 0 : intent.amount,
    amount_received: made.amount_captured,
    last_payment_error: null,
    latest_charge: made.id,
    next_action: null,
    payment_method: method.id,
    status: captured ? 'succeeded' : 'requires_capture',
  });
  if (intent.setup_future_usage !== null && intent.customer !== null) attachTo(account, method, intent.customer, call);
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
  const id = confirmation.paymentMethod ?? intent.payment_method;
  if (id === null) {
    const message = 'You cannot confirm this PaymentIntent because it is missing a payment method.';
    throw refused('payment_intent_unexpected_state', message, { payment_intent: intent });
  }
  const known = findMethod(account, id);
  checkOwner(known, intent.customer);
  const keeps = intent.setup_future_usage !== null && intent.customer !== null;
  const method = keeps ? storeMethod(account, known) : known;
  const { offSession } = confirmation;
  const forced = call.forcedDecline === undefined ? undefined : declineOf(call.forcedDecline);
  const authenticates = !forced && wantsAuthentication(method, offSession);
  if (authenticates && !offSession) {
    const waiting = account.intents.put({
      ...intent,
      last_payment_error: null,
      next_action: authenticationOf(account, intent, confirmation.returnUrl),
      payment_method: method.id,
      status: 'requires_action',
    });
    account.emit('payment_intent.requires_action', waiting, call);
    return waiting;
  }
  const after = charge(account, intent, method, forced ?? (authenticates ? HOLDER_IS_AWAY : method.card.decline), call);
  const error = after.last_payment_error;
  if (error) throw new ApiError(402, { ...error, type: 'card_error', payment_intent: after }, true);
  return after;
}

/** What of a card's options the emulator knows. */
function readMethodOptions(params: Parameters): PaymentIntent['payment_method_options'] {
  const multicapture = params
    .child('payment_method_options')
    ?.child('card')
    ?.oneOf('request_multicapture', ['if_available', 'never']);
  return { card: multicapture === undefined ? {} : { request_multicapture: multicapture } };
}

/** `POST /v1/payment_intents` */
export function createIntent(account: Account, params: Parameters, call: Call): PaymentIntent {
  const currency = readCurrency(params);
  const amount = readAmount(params, currency);
  const confirm = params.boolean('confirm') ?? false;
  const { paymentMethod, returnUrl } = readConfirmation(account, params);
  const captureMethod = params.oneOf('capture_method', ['automatic', 'automatic_async', 'manual']) ?? 'automatic_async';
  const methods = readAutomaticMethods(params, { confirm, returnUrl });
  const methodOptions = readMethodOptions(params);
  const customer = params.text('customer') ?? null;
  if (customer !== null) findCustomer(account, customer, 'customer', 400);
  const setupFutureUsage = params.oneOf('setup_future_usage', ['off_session', 'on_session']) ?? null;
  const offSession = params.boolean('off_session') ?? false;
  const description = params.text('description') ?? null;
  const receiptEmail = params.text('receipt_email') ?? null;
  const metadata = params.metadata();
  params.end();
  if (offSession && !confirm)
    throw badParameter('parameter_missing', 'confirm', 'off_session can only be provided when confirm is true.');
  if (offSession && setupFutureUsage !== null) {
    throw badParameter('parameter_invalid_empty', 'setup_future_usage', 'setup_future_usage cannot be used with off_session.');
  }
  const id = newId('pi');
  const intent = account.intents.put({
    ...methods,
    id,
    object: 'payment_intent',
    amount,
    amount_capturable: 0,
    amount_received: 0,
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
    payment_method: paymentMethod ?? null,
    payment_method_options: methodOptions,
    processing: null,
    receipt_email: receiptEmail,
    setup_future_usage: setupFutureUsage,
    shipping: null,
    statement_descriptor: null,
    status: paymentMethod === undefined ? 'requires_payment_method' : 'requires_confirmation',
  });
  account.emit('payment_intent.created', intent, call);
  return confirm ? confirmWith(account, intent, { paymentMethod, returnUrl, offSession }, call) : intent;
}

/** `POST /v1/payment_intents/:id/confirm` */
export function confirmIntent(account: Account, id: string, params: Parameters, call: Call): PaymentIntent {
  const intent = findIntent(account, id);
  const confirmation = readConfirmation(account, params);
  const offSession = params.boolean('off_session') ?? false;
  params.end();
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status))
    throw unexpectedState(intent, 'confirmed');
  return confirmWith(account, intent, { ...confirmation, offSession }, call);
}

/** Says that `amount` more was captured, or the rest let go by a `final` capture of nothing. */
function captured(
  account: Account,
  intent: PaymentIntent,
  capture: { amount: number; final: boolean; metadata?: Record<string, string> },
  call: Call,
): PaymentIntent {
  const authorized = account.charges.get(intent.latest_charge ?? '');
  if (!authorized) throw unexpectedState(intent, 'captured');
  const { amount, final, metadata = {} } = capture;
  const charged = captureCharge(account, authorized, amount, final);
  const after = account.intents.put({
    ...intent,
    amount_capturable: final ? 0 : intent.amount_capturable - amount,
    amount_received: intent.amount_received + amount,
    metadata: { ...intent.metadata, ...metadata },
    status: final ? 'succeeded' : 'requires_capture',
  });
  const inParts = isMulticapture(charged);
  if (inParts && amount > 0) account.emit('charge.updated', charged, call);
  if (inParts) account.emit('payment_intent.amount_capturable_updated', after, call);
  if (final) account.emit('charge.captured', charged, call);
  if (final) account.emit('payment_intent.succeeded', after, call);
  return after;
}

/** `POST /v1/payment_intents/:id/capture` */
export function captureIntent(account: Account, id: string, params: Parameters, call: Call): PaymentIntent {
  const intent = findIntent(account, id);
  const final = params.boolean('final_capture') ?? true;
  // Nothing at all can be captured to let go of the rest, once a part was captured.
  const amount = params.integer('amount_to_capture', { min: final && intent.amount_received > 0 ? 0 : 1 });
  const metadata = params.metadata();
  params.end();
  const authorized = account.charges.get(intent.latest_charge ?? '');
  if (intent.status !== 'requires_capture' || !authorized) throw unexpectedState(intent, 'captured');
  if ((authorized.payment_method_details.card.capture_before ?? Infinity) <= unixNow()) {
    const message = 'The charge cannot be captured as the authorization has expired.';
    throw refused('charge_expired_for_capture', message, { charge: authorized.id });
  }
  if (!final && !isMulticapture(authorized)) {
    const message = 'final_capture can only be false when multicapture is available for the PaymentIntent.';
    throw badParameter('parameter_invalid_empty', 'final_capture', message);
  }
  const asked = amount ?? intent.amount_capturable;
  if (asked > intent.amount_capturable) {
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
  return captured(account, intent, { amount: asked, final, metadata }, call);
}

/** Ends an intent without taking any more. */
function cancel(account: Account, intent: PaymentIntent, reason: string | null): PaymentIntent {
  return account.intents.put({
    ...intent,
    amount_capturable: 0,
    canceled_at: unixNow(),
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  });
}

/** `POST /v1/payment_intents/:id/cancel` */
export function cancelIntent(account: Account, id: string, params: Parameters, call: Call): PaymentIntent {
  const intent = findIntent(account, id);
  const reason = params.oneOf('cancellation_reason', ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']) ?? null;
  params.end();
  if (intent.status === 'canceled' || intent.status === 'succeeded') throw unexpectedState(intent, 'canceled');
  // After a part was captured, only the rest can be let go.
  if (intent.amount_received > 0) return captured(account, intent, { amount: 0, final: true }, call);
  const authorized = account.charges.get(intent.latest_charge ?? '');
  const released = intent.status === 'requires_capture' && authorized ? releaseCharge(account, authorized) : undefined;
  const canceled = cancel(account, intent, reason);
  if (released) account.emit('charge.refunded', released, call);
  account.emit('payment_intent.canceled', canceled, call);
  return canceled;
}

/** Ends an authorization as time does: what was captured of it stays. Undefined when there is nothing to lapse. */
export function lapseAuthorization(account: Account, intent: PaymentIntent, call: Call): PaymentIntent | undefined {
  const authorized = account.charges.get(intent.latest_charge ?? '');
  if (intent.status !== 'requires_capture' || !authorized) return undefined;
  if (intent.amount_received > 0) return captured(account, intent, { amount: 0, final: true }, call);
  const expired = releaseCharge(account, authorized);
  const canceled = cancel(account, intent, 'automatic');
  account.emit('charge.expired', expired, call);
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
  const method = findMethod(account, intent.payment_method);
  if (authenticated) return charge(account, intent, method, method.card.decline, call);
  return fail(account, intent, authenticationFailed('payment', method), call);
}
