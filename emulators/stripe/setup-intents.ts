import type { Account, Call } from './account.ts';
import { ApiError, badParameter, missingResource, refused } from './api-error.ts';
import {
  authenticationFailed,
  authenticationOf,
  declinedWith,
  readAutomaticMethods,
  readConfirmation,
  wantsAuthentication,
} from './confirmation.ts';
import { findCustomer } from './customers.ts';
import { newId, unixNow } from './ids.ts';
import type { PaymentError, SetupIntent } from './objects.ts';
import type { Parameters } from './parameters.ts';
import { attachTo, checkOwner, findMethod, setupDecline, storeMethod, type KnownMethod } from './payment-methods.ts';
import { declineOf } from './test-cards.ts';

/** The setup intent named in the path, or Stripe's 404. */
export function findSetup(account: Account, id: string): SetupIntent {
  const setup = account.setups.get(id);
  if (!setup) throw missingResource('setupintent', id, 'intent');
  return setup;
}

function succeed(account: Account, setup: SetupIntent, method: KnownMethod, call: Call): SetupIntent {
  if (setup.customer !== null) attachTo(account, method, setup.customer, call);
  const done = account.setups.put({
    ...setup,
    last_setup_error: null,
    next_action: null,
    payment_method: method.id,
    status: 'succeeded',
  });
  account.emit('setup_intent.succeeded', done, call);
  return done;
}

function fail(account: Account, setup: SetupIntent, error: PaymentError, call: Call): SetupIntent {
  const failed = account.setups.put({
    ...setup,
    last_setup_error: error,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  });
  account.emit('setup_intent.setup_failed', failed, call);
  return failed;
}

function confirmWith(account: Account, setup: SetupIntent, returnUrl: string | undefined, call: Call): SetupIntent {
  if (setup.payment_method === null)
    throw refused('setup_intent_unexpected_state', 'You cannot confirm this SetupIntent because it is missing a payment method.');
  const known = findMethod(account, setup.payment_method);
  checkOwner(known, setup.customer);
  const method = storeMethod(account, known);
  const decline = call.forcedDecline === undefined ? setupDecline(method.card) : declineOf(call.forcedDecline);
  if (decline) {
    const failed = fail(account, setup, declinedWith(decline, method), call);
    const { code, declineCode, message } = decline;
    const declined = declineCode === undefined ? {} : { decline_code: declineCode };
    throw new ApiError(402, { type: 'card_error', code, ...declined, message, setup_intent: failed }, true);
  }
  if (!wantsAuthentication(method, false)) return succeed(account, setup, method, call);
  const waiting = account.setups.put({
    ...setup,
    next_action: authenticationOf(account, setup, returnUrl),
    payment_method: method.id,
    status: 'requires_action',
  });
  account.emit('setup_intent.requires_action', waiting, call);
  return waiting;
}

/** `POST /v1/setup_intents` */
export function createSetup(account: Account, params: Parameters, call: Call): SetupIntent {
  const confirm = params.boolean('confirm') ?? false;
  const { paymentMethod, returnUrl } = readConfirmation(account, params);
  const methods = readAutomaticMethods(params, { confirm, returnUrl });
  const customer = params.text('customer') ?? null;
  if (customer !== null) findCustomer(account, customer, 'customer', 400);
  const usage = params.oneOf('usage', ['off_session', 'on_session']) ?? 'off_session';
  const metadata = params.metadata();
  params.end();
  if (confirm && paymentMethod === undefined)
    throw badParameter('parameter_missing', 'payment_method', 'A payment method is needed to confirm.');
  const id = newId('seti');
  const setup = account.setups.put({
    ...methods,
    id,
    object: 'setup_intent',
    client_secret: newId(`${id}_secret`),
    created: unixNow(),
    customer,
    last_setup_error: null,
    livemode: false,
    metadata,
    next_action: null,
    payment_method: paymentMethod ?? null,
    status: paymentMethod === undefined ? 'requires_payment_method' : 'requires_confirmation',
    usage,
  });
  account.emit('setup_intent.created', setup, call);
  return confirm ? confirmWith(account, setup, returnUrl, call) : setup;
}

/** Ends a challenge as the customer chose. Returns undefined when the setup does not wait for one. */
export function finishSetupAuthentication(
  account: Account,
  setup: SetupIntent,
  authenticated: boolean,
  call: Call,
): SetupIntent | undefined {
  if (setup.status !== 'requires_action' || setup.payment_method === null) return undefined;
  const method = findMethod(account, setup.payment_method);
  if (!authenticated) return fail(account, setup, authenticationFailed('setup', method), call);
  const { decline } = method.card;
  return decline ? fail(account, setup, declinedWith(decline, method), call) : succeed(account, setup, method, call);
}
