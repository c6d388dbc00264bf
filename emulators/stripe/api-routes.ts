import type { Account, Call } from './account.ts';
import { missingResource } from './api-error.ts';
import type { Collection } from '../shared/collection.ts';
import { createCustomer } from './customers.ts';
import { closeDispute, updateDispute } from './disputes.ts';
import { listPage } from './lists.ts';
import type { Parameters } from './parameters.ts';
import { cancelIntent, captureIntent, confirmIntent, createIntent, findIntent } from './payment-intents.ts';
import { attachMethod, detachMethod, findMethod, listMethods, showMethod } from './payment-methods.ts';
import { createRefund } from './refunds.ts';
import { createSetup, findSetup } from './setup-intents.ts';

/** One endpoint. `run` is synchronous, so each request is atomic. */
export interface Route {
  /** What `expand[]` may name. */
  readonly expandable: readonly string[];
  run(request: { id: string; params: Parameters; call: Call; path: string }): object;
}

const INTENT_FIELDS = ['customer', 'latest_charge', 'latest_charge.balance_transaction', 'payment_method'];
const CHARGE_FIELDS = ['balance_transaction', 'payment_intent'];
const DISPUTE_FIELDS = ['charge', 'payment_intent'];
const SETUP_FIELDS = ['customer', 'payment_method'];
const BALANCE_FIELDS = ['source'];
const REFUND_FIELDS = ['balance_transaction', 'charge', 'payment_intent'];
const inList = (fields: readonly string[]): string[] => fields.map((field) => `data.${field}`);

/** The endpoints by `METHOD /path`, in which `:id` stands for an id. */
export function createRoutes(account: Account): ReadonlyMap<string, Route> {
  /** An endpoint that shows one object. */
  const show = <T extends { readonly id: string }>(
    collection: Collection<T>,
    kind: string,
    expandable: readonly string[],
  ): Route => ({
    expandable,
    run({ id, params }) {
      params.end();
      const value = collection.get(id);
      if (!value) throw missingResource(kind, id);
      return value;
    },
  });

  /** An endpoint that lists objects, filtered by the parameters that `filters` reads. */
  const list = <T extends { readonly id: string; readonly created: number }>(
    collection: Collection<T>,
    expandable: readonly string[],
    filters: (params: Parameters) => (value: T) => boolean,
  ): Route => ({
    expandable: inList(expandable),
    run: ({ params, path }) => listPage(collection, params, path, filters(params)),
  });

  const equals = (wanted: string | null | undefined, given: string | null): boolean => wanted === undefined || wanted === given;

  return new Map<string, Route>([
    ['POST /v1/payment_intents', { expandable: INTENT_FIELDS, run: ({ params, call }) => createIntent(account, params, call) }],
    [
      'GET /v1/payment_intents',
      list(account.intents, INTENT_FIELDS, (params) => {
        const customer = params.text('customer');
        return (intent) => equals(customer, intent.customer);
      }),
    ],
    [
      'GET /v1/payment_intents/:id',
      {
        expandable: INTENT_FIELDS,
        run({ id, params }) {
          // The client secret identifies nothing more to somebody who holds the secret key.
          params.text('client_secret');
          params.end();
          return findIntent(account, id);
        },
      },
    ],
    [
      'POST /v1/payment_intents/:id/confirm',
      { expandable: INTENT_FIELDS, run: ({ id, params, call }) => confirmIntent(account, id, params, call) },
    ],
    [
      'POST /v1/payment_intents/:id/capture',
      { expandable: INTENT_FIELDS, run: ({ id, params, call }) => captureIntent(account, id, params, call) },
    ],
    [
      'POST /v1/payment_intents/:id/cancel',
      { expandable: INTENT_FIELDS, run: ({ id, params, call }) => cancelIntent(account, id, params, call) },
    ],
    ['GET /v1/charges/:id', show(account.charges, 'charge', CHARGE_FIELDS)],
    [
      'GET /v1/charges',
      list(account.charges, CHARGE_FIELDS, (params) => {
        const intent = params.text('payment_intent');
        return (charge) => equals(intent, charge.payment_intent);
      }),
    ],
    ['POST /v1/refunds', { expandable: REFUND_FIELDS, run: ({ params, call }) => createRefund(account, params, call) }],
    ['GET /v1/refunds/:id', show(account.refunds, 'refund', REFUND_FIELDS)],
    [
      'GET /v1/refunds',
      list(account.refunds, REFUND_FIELDS, (params) => {
        const intent = params.text('payment_intent');
        const charge = params.text('charge');
        return (refund) => equals(intent, refund.payment_intent) && equals(charge, refund.charge);
      }),
    ],
    ['GET /v1/balance_transactions/:id', show(account.balanceTransactions, 'balance_transaction', BALANCE_FIELDS)],
    [
      'GET /v1/balance_transactions',
      list(account.balanceTransactions, BALANCE_FIELDS, (params) => {
        const source = params.text('source');
        const type = params.text('type');
        const currency = params.text('currency');
        return (movement) =>
          equals(source, movement.source) && equals(type, movement.type) && equals(currency, movement.currency);
      }),
    ],
    ['GET /v1/events/:id', show(account.events, 'event', [])],
    [
      'GET /v1/events',
      list(account.events, [], (params) => {
        const type = params.text('type');
        const types = params.list('types');
        return (event) => equals(type, event.type) && (types.length === 0 || types.includes(event.type));
      }),
    ],
    [
      'GET /v1/payment_methods/:id',
      {
        expandable: [],
        run({ id, params }) {
          params.end();
          return showMethod(findMethod(account, id, 'payment_method', 404));
        },
      },
    ],
    ['GET /v1/payment_methods', { expandable: [], run: ({ params, path }) => listMethods(account, params, path) }],
    [
      'GET /v1/customers/:id/payment_methods',
      { expandable: [], run: ({ id, params, path }) => listMethods(account, params, path, id) },
    ],
    [
      'POST /v1/payment_methods/:id/attach',
      { expandable: [], run: ({ id, params, call }) => attachMethod(account, id, params, call) },
    ],
    [
      'POST /v1/payment_methods/:id/detach',
      { expandable: [], run: ({ id, params, call }) => detachMethod(account, id, params, call) },
    ],
    ['POST /v1/customers', { expandable: [], run: ({ params, call }) => createCustomer(account, params, call) }],
    ['GET /v1/customers/:id', show(account.customers, 'customer', [])],
    [
      'GET /v1/customers',
      list(account.customers, [], (params) => {
        const email = params.text('email');
        return (customer) => equals(email, customer.email);
      }),
    ],
    ['POST /v1/setup_intents', { expandable: SETUP_FIELDS, run: ({ params, call }) => createSetup(account, params, call) }],
    [
      'GET /v1/setup_intents/:id',
      {
        expandable: SETUP_FIELDS,
        run({ id, params }) {
          params.text('client_secret');
          params.end();
          return findSetup(account, id);
        },
      },
    ],
    ['GET /v1/disputes/:id', show(account.disputes, 'dispute', DISPUTE_FIELDS)],
    [
      'GET /v1/disputes',
      list(account.disputes, DISPUTE_FIELDS, (params) => {
        const intent = params.text('payment_intent');
        const charge = params.text('charge');
        return (dispute) => equals(intent, dispute.payment_intent) && equals(charge, dispute.charge);
      }),
    ],
    [
      'POST /v1/disputes/:id',
      { expandable: DISPUTE_FIELDS, run: ({ id, params, call }) => updateDispute(account, id, params, call) },
    ],
    [
      'POST /v1/disputes/:id/close',
      { expandable: DISPUTE_FIELDS, run: ({ id, params, call }) => closeDispute(account, id, params, call) },
    ],
  ]);
}
