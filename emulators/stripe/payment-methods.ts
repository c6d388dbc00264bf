import type { Account, Call } from './account.ts';
import { ApiError, missingResource, refused } from './api-error.ts';
import { findCustomer } from './customers.ts';
import { newId, unixNow } from './ids.ts';
import { listPage, type Page } from './lists.ts';
import type { PaymentMethod, StoredMethod } from './objects.ts';
import type { Parameters } from './parameters.ts';
import { declineOf, paymentMethodOf, testCard, type TestCard } from './test-cards.ts';

/** A payment method that somebody may pay with: a test name, or a method of its own that stands for one. */
export interface KnownMethod {
  readonly id: string;
  readonly testName: string;
  readonly card: TestCard;
  /** Undefined for a test name, which Stripe turns into a new method at each use. */
  readonly stored: StoredMethod | undefined;
}

/** The method behind an id or a test name. */
export function lookUpMethod(account: Account, id: string): KnownMethod | undefined {
  const stored = account.methods.get(id);
  const testName = stored?.test_name ?? id;
  const card = testCard(testName);
  return card && { id, testName, card, stored };
}

/** The method named in the path (404) or in a parameter (400). */
export function findMethod(account: Account, id: string, param = 'payment_method', status: 400 | 404 = 400): KnownMethod {
  const method = lookUpMethod(account, id);
  if (!method) throw missingResource('PaymentMethod', id, param, status);
  return method;
}

/** The method as the API shows it. */
export const showMethod = ({ id, testName, card, stored }: KnownMethod): PaymentMethod =>
  paymentMethodOf({ id, testName, card, created: stored?.created ?? unixNow(), customer: stored?.customer ?? null });

const NOT_REUSABLE = 'The provided PaymentMethod was detached from a Customer, and may not be used again.';

/** Refuses a method that belongs to another customer than the one who pays, or that was given up. */
export function checkOwner({ id, stored }: KnownMethod, customer: string | null): void {
  if (!stored) return;
  if (stored.detached) throw refused('payment_method_unexpected_state', NOT_REUSABLE, { param: 'payment_method' });
  if (stored.customer === null || stored.customer === customer) return;
  throw refused(
    'resource_missing',
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
    { param: 'payment_method' },
  );
}

/** Makes a method of its own of a test name, as Stripe does at each use. It belongs to nobody yet. */
export function storeMethod(account: Account, method: KnownMethod): KnownMethod {
  if (method.stored) return method;
  const { testName, card } = method;
  const id = newId('pm');
  const stored = account.methods.put({
    id,
    object: 'payment_method',
    created: unixNow(),
    test_name: testName,
    customer: null,
    detached: false,
  });
  return { id, testName, card, stored };
}

/** Gives a method of its own to a customer. */
export function attachTo(account: Account, method: KnownMethod, customer: string, call: Call): KnownMethod {
  const { stored } = method;
  if (!stored || stored.customer === customer) return method;
  const attached = { ...method, stored: account.methods.put({ ...stored, customer }) };
  account.emit('payment_method.attached', showMethod(attached), call);
  return attached;
}

/** `POST /v1/payment_methods/:id/attach`. The issuer is asked, and may decline. */
export function attachMethod(account: Account, id: string, params: Parameters, call: Call): PaymentMethod {
  const method = findMethod(account, id, 'payment_method', 404);
  const customer = findCustomer(account, params.requiredText('customer'), 'customer', 400).id;
  params.end();
  checkOwner(method, customer);
  const decline = call.forcedDecline === undefined ? setupDecline(method.card) : declineOf(call.forcedDecline);
  if (decline) {
    const { code, declineCode, message } = decline;
    throw new ApiError(402, { type: 'card_error', code, ...(declineCode && { decline_code: declineCode }), message }, true);
  }
  return showMethod(attachTo(account, storeMethod(account, method), customer, call));
}

/** What the issuer says at once when a card is to be kept; some are declined when they are charged, or after a challenge. */
export const setupDecline = (card: TestCard): TestCard['decline'] =>
  card.keepable || card.authentication ? undefined : card.decline;

/** `POST /v1/payment_methods/:id/detach` */
export function detachMethod(account: Account, id: string, params: Parameters, call: Call): PaymentMethod {
  const method = findMethod(account, id, 'payment_method', 404);
  params.end();
  const { stored } = method;
  if (!stored || stored.customer === null) {
    const message = 'The payment method you provided is not attached to a customer so detachment is impossible.';
    throw refused('payment_method_unexpected_state', message);
  }
  const detached = { ...method, stored: account.methods.put({ ...stored, customer: null, detached: true }) };
  account.emit('payment_method.detached', showMethod(detached), call);
  return showMethod(detached);
}

/** `GET /v1/payment_methods` and `GET /v1/customers/:id/payment_methods` */
export function listMethods(account: Account, params: Parameters, url: string, ofCustomer?: string): Page<PaymentMethod> {
  const customer = ofCustomer ?? params.text('customer');
  if (customer !== undefined) findCustomer(account, customer, 'customer', 404);
  params.oneOf('type', ['card']);
  const page = listPage(account.methods, params, url, (method) => method.customer !== null && method.customer === customer);
  return { ...page, data: page.data.map(({ id }) => showMethod(findMethod(account, id))) };
}
