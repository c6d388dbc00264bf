import { toMoney, type Money } from './amounts.ts';
import { notFound } from './api-error.ts';
import { newId } from './ids.ts';
import {
  shown,
  type Authorization,
  type Capture,
  type Dispute,
  type Order,
  type PaymentToken,
  type PaypalEvent,
  type SetupToken,
  type Transaction,
} from './objects.ts';

/** What the emulator may be told to do otherwise. */
export interface Settings {
  /** For how long the authorizations from now on can be captured; PayPal's 29 days by default. */
  authorizationSeconds: number;
  /** What becomes of refunds: done at once, pending first and done later, or refused later. */
  refunds: 'completed' | 'pending' | 'failing';
  /** What becomes of captures: done at once, pending first and done later, or refused later. */
  captures: 'completed' | 'pending' | 'failing';
}

/** How long what is pending takes. */
export const SETTLE_MS = 500;

export const DEFAULT_SETTINGS: Settings = { authorizationSeconds: 29 * 86_400, refunds: 'completed', captures: 'completed' };

/** Everything that one PayPal account holds, as it is written to the data file. */
export interface AccountState {
  orders: Order[];
  setupTokens: SetupToken[];
  paymentTokens: PaymentToken[];
  disputes: Dispute[];
  transactions: Transaction[];
  replies: [string, { status: number; body: unknown }][];
}

/** One PayPal account and the ways to note a change. */
export class Account {
  readonly orders = new Map<string, Order>();
  readonly setupTokens = new Map<string, SetupToken>();
  readonly paymentTokens = new Map<string, PaymentToken>();
  readonly disputes = new Map<string, Dispute>();
  readonly events = new Map<string, PaypalEvent>();
  /** The first answers by request id. */
  readonly replies = new Map<string, { status: number; body: unknown }>();
  transactions: Transaction[] = [];
  settings: Settings = { ...DEFAULT_SETTINGS };
  /** Counts resets, so that what was under way before one leaves no trace after it. */
  generation = 0;
  readonly #orderOf = new Map<string, string>();
  readonly #emit: (event: PaypalEvent) => void;
  readonly baseUrl: () => string;

  constructor(options: { baseUrl: () => string; onEvent: (event: PaypalEvent) => void }) {
    this.#emit = options.onEvent;
    this.baseUrl = options.baseUrl;
  }

  now(): string {
    return new Date().toISOString();
  }

  order(id: string): Order {
    const order = this.orders.get(id);
    if (!order) throw notFound();
    return order;
  }

  /** The payments of an order; made when there are none. */
  paymentsOf(order: Order): NonNullable<Order['purchase_units'][0]['payments']> {
    return (order.purchase_units[0].payments ??= { authorizations: [], captures: [], refunds: [] });
  }

  /** Remembers under which order an authorization, capture or refund is found. */
  index(order: Order, part: { id: string }): void {
    this.#orderOf.set(part.id, order.id);
  }

  authorization(id: string): { order: Order; authorization: Authorization } {
    const order = this.order(this.#orderOf.get(id) ?? '');
    const authorization = this.paymentsOf(order).authorizations.find((part) => part.id === id);
    if (!authorization) throw notFound();
    return { order, authorization };
  }

  capture(id: string): { order: Order; capture: Capture } {
    const order = this.order(this.#orderOf.get(id) ?? '');
    const capture = this.paymentsOf(order).captures.find((part) => part.id === id);
    if (!capture) throw notFound();
    return { order, capture };
  }

  /** Enters a line into the ledger. `amount` in minor units, below zero for money that goes out. */
  book(line: Pick<Transaction, 'transaction_id' | 'transaction_event_code'> & Partial<Transaction> & { amount: number; currency: string }): void {
    const { amount, currency, ...rest } = line;
    const money: Money = toMoney(Math.abs(amount), currency);
    this.transactions.push({
      transaction_status: 'S',
      // Whole seconds, and a zone without a colon: PayPal's way.
      transaction_initiation_date: this.now().replace(/\.\d+Z$/, '+0000'),
      transaction_amount: amount < 0 ? { ...money, value: `-${money.value}` } : money,
      ...rest,
    });
  }

  emit(type: string, resource: object, customId: string | undefined): void {
    const event: PaypalEvent = {
      id: `WH-${newId()}`,
      event_version: '1.0',
      event_type: type,
      create_time: this.now(),
      resource: shown(resource),
      customId: customId ?? '',
    };
    this.events.set(event.id, event);
    this.#emit(event);
  }

  save(): AccountState {
    return {
      orders: [...this.orders.values()],
      setupTokens: [...this.setupTokens.values()],
      paymentTokens: [...this.paymentTokens.values()],
      disputes: [...this.disputes.values()],
      transactions: this.transactions,
      replies: [...this.replies],
    };
  }

  restore(state: AccountState): void {
    for (const order of state.orders) {
      this.orders.set(order.id, order);
      const { authorizations, captures, refunds } = this.paymentsOf(order);
      for (const part of [...authorizations, ...captures, ...refunds]) this.index(order, part);
    }
    for (const token of state.setupTokens) this.setupTokens.set(token.id, token);
    for (const token of state.paymentTokens) this.paymentTokens.set(token.id, token);
    for (const dispute of state.disputes) this.disputes.set(dispute.dispute_id, dispute);
    for (const [key, reply] of state.replies) this.replies.set(key, reply);
    this.transactions = state.transactions;
  }

  clear(): void {
    this.generation += 1;
    for (const map of [this.orders, this.setupTokens, this.paymentTokens, this.disputes, this.events, this.replies, this.#orderOf]) map.clear();
    this.transactions = [];
    this.settings = { ...DEFAULT_SETTINGS };
  }
}
