import type { CaptureMode } from '../../checkout/cart-record.ts';
import type { Page, PageRequest } from '../../shared/page.ts';
import type { RenderedMail } from './mail-content.ts';
import type { MailTemplate } from './mail-template.ts';

/** `skipped`: when its turn came there was nothing to tell any more; `failure` says why. */
export const NOTIFICATION_STATUSES = ['pending', 'sending', 'sent', 'failed', 'skipped'] as const;

export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];

/** A mail that is due to a customer because of a fact. Whom it is for is read when it is sent. */
export interface Notification {
  readonly id: string;
  /** The event in the outbox. */
  readonly eventId: string;
  /** Null: about something that is no order (yet). */
  readonly orderId: string | null;
  readonly template: MailTemplate;
  /** In which it was sent; null: not yet. */
  readonly locale: string | null;
  readonly status: NotificationStatus;
  /** When it is tried next; while it is being sent: from when its sender counts as gone. */
  readonly dueAt: Date;
  /** Since it was last asked for. */
  readonly attempts: number;
  /** How often an operator had it sent again. */
  readonly resends: number;
  /** The header `Message-ID`; null: not tried yet. */
  readonly messageId: string | null;
  /** Why it was not sent, without addresses. */
  readonly failure: string | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

/** The event that a mail tells of. */
export interface NotifiedEvent {
  readonly payload: unknown;
  readonly occurredAt: Date;
}

/** A notification that the caller is to send now. */
export interface ClaimedNotification extends NotifiedEvent {
  readonly id: string;
  readonly orderId: string | null;
  readonly template: MailTemplate;
  /** This one included. */
  readonly attempts: number;
  readonly messageId: string;
}

/** What a channel says of its mails. */
export interface MailChannel {
  readonly name: string;
  /** Null: the channel's name. */
  readonly mailFromName: string | null;
  readonly storefrontUrl: string | null;
  readonly captureMode: CaptureMode;
  /** Of the order, if there is one; else the default. */
  readonly locale: string;
}

/** What a mail's channel is found by; the store's first channel when nothing is known. */
export interface MailChannelKey {
  readonly orderId?: string | null;
  readonly checkoutId?: string | null;
  readonly channelId?: string | null;
}

/** Where notifications are kept; the outbox writes them, with the event that they tell of. */
export interface NotificationStore {
  /**
   * Takes up to `limit` that are due, oldest first, and leaves out those that others hold. Whoever takes one has `leaseSeconds`
   * to send it before it is due again. `domain`: of new message ids, `<id.resends@domain>`.
   */
  claim(limit: number, options: { leaseSeconds: number; domain: string }): Promise<ClaimedNotification[]>;
  /** It was sent, and in which language. */
  sent(claimed: ClaimedNotification, locale: string): Promise<void>;
  /** It is due again in so many seconds. Nothing when somebody else has taken it meanwhile; so too below. */
  postpone(claimed: ClaimedNotification, failure: string, seconds: number): Promise<void>;
  /** True: nobody has taken it meanwhile. */
  end(claimed: ClaimedNotification, status: 'failed' | 'skipped', failure: string): Promise<boolean>;
  get(id: string): Promise<Notification | undefined>;
  /** Locks it until the transaction ends. */
  lock(id: string): Promise<Notification | undefined>;
  /** Due now, as another mail: with a new message id. */
  resend(id: string): Promise<void>;
  list(page: PageRequest, filter: { orderId?: string; status?: NotificationStatus }): Promise<Page<Notification>>;
  /** Undefined while the store has no channel. */
  channel(key: MailChannelKey): Promise<MailChannel | undefined>;
  /** The order's latest fact that such a mail tells of. */
  latestEvent(orderId: string, template: MailTemplate): Promise<NotifiedEvent | undefined>;
}

/** What operators see of notifications and do with them. */
export interface NotificationDesk {
  /** Newest first. */
  list(page: PageRequest, filter: { orderId?: string; status?: NotificationStatus }): Promise<Page<Notification>>;
  /** Sends a mail again that was sent, skipped or has failed. Raises NOT_FOUND and INVALID_TRANSITION. */
  resend(id: string, actor: string): Promise<Notification>;
  /** The mail as the order's customer would get it; what the order has no fact for is made up. Raises NOT_FOUND. */
  preview(template: MailTemplate, orderId: string): Promise<RenderedMail>;
}
