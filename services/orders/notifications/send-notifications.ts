import { composeMail, reasonToSkip } from '../../../domain/orders/notifications/compose-mail.ts';
import type { MailRenderer } from '../../../domain/orders/notifications/mail-content.ts';
import { MailError, type Mail, type Mailer } from '../../../domain/orders/notifications/mailer.ts';
import type { ClaimedNotification } from '../../../domain/orders/notifications/notification.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import type { Work } from '../../stores.ts';
import { loadFacts, shopOf } from './load-facts.ts';

export interface NotificationSenderDeps {
  readonly work: Work;
  readonly mailer: Mailer;
  readonly renderer: MailRenderer;
  /** The address that mails come from. */
  readonly fromAddress: string;
  readonly newId: IdGenerator;
  /** Longer than the mailer's time-out: who has not told by then counts as gone. */
  readonly leaseSeconds?: number;
  /** Hears of mails that could not be handed over; the error names no address. */
  readonly onFailure: (error: MailError, notification: { id: string; attempts: number }) => void;
}

const AT_ONCE = 5;
const LEASE_SECONDS = 120;
const FIRST_RETRY_SECONDS = 15;
const LONGEST_RETRY_SECONDS = 3_600;
/** About ten hours. */
const MAX_ATTEMPTS = 18;

/** 15 s, doubled each time, at most an hour. */
const retryAfterSeconds = (attempts: number): number =>
  Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS);

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** What is wrong with the mail itself, such as a text without a value: no repetition will mend it. */
const unwritable = (error: unknown): MailError =>
  new MailError(`The mail could not be written: ${error instanceof Error ? error.message : String(error)}`, { permanent: true });

/**
 * Hands due mails to the mailer, a few at a time, and tells how many it took. A mail is claimed, then sent outside any
 * transaction, then noted: who dies in between leaves it to others, who send it under the same Message-ID.
 */
export function createNotificationSender(deps: NotificationSenderDeps): () => Promise<number> {
  const { work, mailer, renderer, fromAddress, newId, leaseSeconds = LEASE_SECONDS, onFailure } = deps;
  const { notifications } = work.stores;

  /** A person must see it. */
  async function fail(claimed: ClaimedNotification, error: MailError): Promise<void> {
    await work.transaction(async (stores) => {
      if (!(await stores.notifications.end(claimed, 'failed', error.message))) return;
      await stores.incidents.raise(newId('incident'), {
        kind: 'notification_failed',
        subjectId: claimed.id,
        orderId: claimed.orderId,
        cause: error.message,
        nextAction:
          'Mend what the cause names and retry: the mail is sent again. Or tell the customer in another way and ignore it.',
      });
    });
  }

  async function note(claimed: ClaimedNotification, locale: string): Promise<void> {
    await work.transaction(async (stores) => {
      await stores.notifications.sent(claimed, locale);
      const incident = await stores.incidents.findOpen('notification_failed', claimed.id);
      if (incident) await stores.incidents.resolve(incident.id, 'The mail was sent');
    });
  }

  /** The mail, or why there is none to send. */
  async function write(claimed: ClaimedNotification): Promise<Mail | string> {
    const { facts, channel } = await loadFacts(work.stores, claimed.orderId, claimed);
    const reason = reasonToSkip(claimed.template, facts);
    if (reason !== undefined) return reason;
    const shop = shopOf(channel);
    try {
      const composed = composeMail(claimed.template, facts);
      if (!composed) return 'There is nothing to tell of, or nobody to tell';
      const rendered = renderer.render(composed.content, { locale: channel.locale, shop });
      return { ...rendered, messageId: claimed.messageId, from: { name: shop.name, address: fromAddress }, to: composed.to };
    } catch (error) {
      throw unwritable(error);
    }
  }

  async function deliver(claimed: ClaimedNotification): Promise<void> {
    let sent: Mail;
    try {
      const mail = await write(claimed);
      if (typeof mail === 'string') {
        await notifications.end(claimed, 'skipped', mail);
        return;
      }
      await mailer.send(mail);
      sent = mail;
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      onFailure(error, claimed);
      if (error.permanent || claimed.attempts >= MAX_ATTEMPTS) await fail(claimed, error);
      else await notifications.postpone(claimed, error.message, retryAfterSeconds(claimed.attempts));
      return;
    }
    await note(claimed, sent.locale);
  }

  return async () => {
    const claimed = await notifications.claim(AT_ONCE, { leaseSeconds, domain: domainOf(fromAddress) });
    const outcomes = await Promise.allSettled(claimed.map(deliver));
    const broken = outcomes.find((outcome) => outcome.status === 'rejected');
    if (broken) throw broken.reason;
    return claimed.length;
  };
}
