import { Collection } from '../shared/collection.ts';
import { newId, unixNow } from './ids.ts';
import { Timers } from './timers.ts';
import {
  API_VERSION,
  type BalanceTransaction,
  type Charge,
  type Customer,
  type Dispute,
  type EventObject,
  type PaymentIntent,
  type Refund,
  type SetupIntent,
  type StoredMethod,
  type StripeEvent,
} from './objects.ts';

/** The API request that is being executed, as far as what it does depends on it. */
export interface Call {
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
  /** A decline that a scripted fault forces on the charge of this request. */
  readonly forcedDecline?: string;
}

/** A change that no API request caused, such as a refund that the bank returns. */
export const NO_CALL: Call = { requestId: null, idempotencyKey: null };

/** Everything that one Stripe account holds, and the ways to note a change. */
export interface Account {
  readonly customers: Collection<Customer>;
  readonly methods: Collection<StoredMethod>;
  readonly setups: Collection<SetupIntent>;
  readonly intents: Collection<PaymentIntent>;
  readonly charges: Collection<Charge>;
  readonly refunds: Collection<Refund>;
  readonly disputes: Collection<Dispute>;
  readonly balanceTransactions: Collection<BalanceTransaction>;
  readonly events: Collection<StripeEvent>;
  /** Refund ids of each payment intent, oldest first. */
  readonly refundsOf: ReadonlyMap<string, readonly string[]>;
  /** Dispute ids of each payment intent, oldest first. */
  readonly disputesOf: ReadonlyMap<string, readonly string[]>;
  /** Base URL of the emulator, for the pages that customers are sent to. */
  readonly baseUrl: () => string;
  /** Milliseconds until an asynchronous refund of a test card settles, or a disputed one's dispute opens. */
  readonly refundSettleMs: number;
  /** Seconds for which a new authorization can be captured. */
  authorizationSeconds: number;
  /** What happens by itself, later. */
  readonly timers: Timers;
  /** Records an event and has it delivered. */
  emit(type: string, object: EventObject, call: Call): void;
  /** Adds a movement on the balance. */
  book(movement: Pick<BalanceTransaction, 'amount' | 'currency' | 'source' | 'type'>): BalanceTransaction;
  restore(value: JournaledObject): void;
  clear(): void;
}

export type JournaledObject =
  Customer | StoredMethod | SetupIntent | PaymentIntent | Charge | Refund | Dispute | BalanceTransaction | StripeEvent;

/** Events are kept for `/v1/events` and redelivery, the newest this many. */
const EVENT_CAPACITY = 20_000;

/** How long most card authorizations last. */
export const AUTHORIZATION_SECONDS = 7 * 24 * 60 * 60;

/** Builds an empty account. `onChange` hears of every new version of an object, `onEvent` of every new event. */
export function createAccount(options: {
  baseUrl: () => string;
  refundSettleMs: number;
  onChange: (value: JournaledObject) => void;
  onEvent: (event: StripeEvent) => void;
}): Account {
  const { onChange, onEvent } = options;
  const refundsOf = new Map<string, string[]>();
  const disputesOf = new Map<string, string[]>();
  const index = (idsOf: Map<string, string[]>, value: Refund | Dispute): void => {
    const ids = idsOf.get(value.payment_intent);
    if (!ids) idsOf.set(value.payment_intent, [value.id]);
    else if (!ids.includes(value.id)) ids.push(value.id);
  };
  const timers = new Timers();
  const customers = new Collection<Customer>(onChange);
  const methods = new Collection<StoredMethod>(onChange);
  const setups = new Collection<SetupIntent>(onChange);
  const intents = new Collection<PaymentIntent>(onChange);
  const charges = new Collection<Charge>(onChange);
  const refunds = new Collection<Refund>((refund) => {
    index(refundsOf, refund);
    onChange(refund);
  });
  const disputes = new Collection<Dispute>((dispute) => {
    index(disputesOf, dispute);
    onChange(dispute);
  });
  const balanceTransactions = new Collection<BalanceTransaction>(onChange);
  const events = new Collection<StripeEvent>((event) => {
    onChange(event);
    onEvent(event);
  }, EVENT_CAPACITY);

  return {
    customers,
    methods,
    setups,
    intents,
    charges,
    refunds,
    disputes,
    balanceTransactions,
    events,
    refundsOf,
    disputesOf,
    baseUrl: options.baseUrl,
    refundSettleMs: options.refundSettleMs,
    authorizationSeconds: AUTHORIZATION_SECONDS,
    timers,

    emit(type, object, call) {
      events.put({
        id: newId('evt'),
        object: 'event',
        api_version: API_VERSION,
        created: unixNow(),
        data: { object },
        livemode: false,
        pending_webhooks: 1,
        request: { id: call.requestId, idempotency_key: call.idempotencyKey },
        type,
      });
    },

    book({ amount, currency, source, type }) {
      return balanceTransactions.put({
        id: newId('txn'),
        object: 'balance_transaction',
        amount,
        created: unixNow(),
        currency,
        fee: 0,
        net: amount,
        source,
        status: 'available',
        type,
      });
    },

    restore(value) {
      switch (value.object) {
        case 'customer':
          return customers.restore(value);
        case 'payment_method':
          return methods.restore(value);
        case 'setup_intent':
          return setups.restore(value);
        case 'payment_intent':
          return intents.restore(value);
        case 'charge':
          return charges.restore(value);
        case 'refund':
          index(refundsOf, value);
          return refunds.restore(value);
        case 'dispute':
          index(disputesOf, value);
          return disputes.restore(value);
        case 'balance_transaction':
          return balanceTransactions.restore(value);
        case 'event':
          return events.restore(value);
      }
    },

    clear() {
      timers.cancelAll();
      const objects = [customers, methods, setups, intents, charges, refunds, disputes, balanceTransactions, events];
      for (const collection of objects) collection.clear();
      refundsOf.clear();
      disputesOf.clear();
      this.authorizationSeconds = AUTHORIZATION_SECONDS;
    },
  };
}
