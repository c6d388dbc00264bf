import { Collection } from './collection.ts';
import { newId, unixNow } from './ids.ts';
import {
  API_VERSION,
  type BalanceTransaction,
  type Charge,
  type PaymentIntent,
  type Refund,
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
  readonly intents: Collection<PaymentIntent>;
  readonly charges: Collection<Charge>;
  readonly refunds: Collection<Refund>;
  readonly balanceTransactions: Collection<BalanceTransaction>;
  readonly events: Collection<StripeEvent>;
  /** Refund ids of each payment intent, oldest first. */
  readonly refundsOf: ReadonlyMap<string, readonly string[]>;
  /** Base URL of the emulator, for the pages that customers are sent to. */
  readonly baseUrl: () => string;
  /** Milliseconds until an asynchronous refund of a test card settles. */
  readonly refundSettleMs: number;
  /** Records an event and has it delivered. */
  emit(type: string, object: PaymentIntent | Charge | Refund, call: Call): void;
  /** Adds a movement on the balance; returns its id. */
  book(movement: Pick<BalanceTransaction, 'amount' | 'currency' | 'source' | 'type'>): string;
  restore(value: JournaledObject): void;
  clear(): void;
}

export type JournaledObject = PaymentIntent | Charge | Refund | BalanceTransaction | StripeEvent;

/** Events are kept for `/v1/events` and redelivery, the newest this many. */
const EVENT_CAPACITY = 20_000;

/** Builds an empty account. `onChange` hears of every new version of an object, `onEvent` of every new event. */
export function createAccount(options: {
  baseUrl: () => string;
  refundSettleMs: number;
  onChange: (value: JournaledObject) => void;
  onEvent: (event: StripeEvent) => void;
}): Account {
  const { onChange, onEvent } = options;
  const refundsOf = new Map<string, string[]>();
  const indexRefund = (refund: Refund): void => {
    const ids = refundsOf.get(refund.payment_intent);
    if (!ids) refundsOf.set(refund.payment_intent, [refund.id]);
    else if (!ids.includes(refund.id)) ids.push(refund.id);
  };
  const intents = new Collection<PaymentIntent>(onChange);
  const charges = new Collection<Charge>(onChange);
  const refunds = new Collection<Refund>((refund) => {
    indexRefund(refund);
    onChange(refund);
  });
  const balanceTransactions = new Collection<BalanceTransaction>(onChange);
  const events = new Collection<StripeEvent>((event) => {
    onChange(event);
    onEvent(event);
  }, EVENT_CAPACITY);

  return {
    intents,
    charges,
    refunds,
    balanceTransactions,
    events,
    refundsOf,
    baseUrl: options.baseUrl,
    refundSettleMs: options.refundSettleMs,

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
      const id = newId('txn');
      const object = 'balance_transaction';
      balanceTransactions.put({
        id,
        object,
        amount,
        created: unixNow(),
        currency,
        fee: 0,
        net: amount,
        source,
        status: 'available',
        type,
      });
      return id;
    },

    restore(value) {
      switch (value.object) {
        case 'payment_intent':
          return intents.restore(value);
        case 'charge':
          return charges.restore(value);
        case 'refund':
          indexRefund(value);
          return refunds.restore(value);
        case 'balance_transaction':
          return balanceTransactions.restore(value);
        case 'event':
          return events.restore(value);
      }
    },

    clear() {
      for (const collection of [intents, charges, refunds, balanceTransactions, events]) collection.clear();
      refundsOf.clear();
    },
  };
}
