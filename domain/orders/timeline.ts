import type { Page, PageRequest } from '../shared/page.ts';

/**
 * Where a fact of an order's life is written down: an event of the order, a command that was given, an operator's action beside
 * the order, a movement of money that was asked for or came to its end, news from a gateway, a mail, something for a person.
 */
export const TIMELINE_SOURCES = ['event', 'command', 'audit', 'payment', 'refund', 'gateway', 'notification', 'incident'] as const;
export type TimelineSource = (typeof TIMELINE_SOURCES)[number];

/** One fact of an order's life, read from what was written when it happened. */
export interface TimelineEntry {
  readonly id: string;
  readonly at: Date;
  readonly source: TimelineSource;
  /** What happened: `order.placed`, `capture.succeeded`, `command.fulfill`, `incident.raised`. */
  readonly type: string;
  /** Who asked for it; null: the system by itself. */
  readonly actor: string | null;
  /** What it is about beside the order: a payment, a refund, a parcel. */
  readonly subjectId: string | null;
  /** The idempotency key under which a gateway was asked. */
  readonly key: string | null;
  /** Which try it was. */
  readonly attempt: number | null;
  /** Minor units of the order's currency. */
  readonly amount: number | null;
  /** Why it did not come off. */
  readonly cause: string | null;
  /** What a person should do about it. */
  readonly nextAction: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Reads what has happened to an order. */
export interface TimelineReader {
  /** Newest first. */
  ofOrder(orderId: string, page: PageRequest): Promise<Page<TimelineEntry>>;
}
