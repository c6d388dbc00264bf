import type { MailFacts } from '../../../domain/orders/notifications/compose-mail.ts';
import type { MailShop } from '../../../domain/orders/notifications/mail-content.ts';
import type { MailChannel, NotifiedEvent } from '../../../domain/orders/notifications/notification.ts';
import { readPayload, webAddress } from '../../../domain/orders/notifications/payload.ts';
import { DomainError } from '../../../domain/shared/errors.ts';
import type { Stores } from '../../stores.ts';

export interface LoadedFacts {
  readonly facts: MailFacts;
  readonly channel: MailChannel;
}

/** Reads what a mail tells of as it is now. Raises SERVICE_UNAVAILABLE while the store has no channel. */
export async function loadFacts(
  stores: Stores,
  orderId: string | null,
  { payload, occurredAt }: NotifiedEvent,
): Promise<LoadedFacts> {
  const read = readPayload(payload);
  const checkoutId = read.text('checkoutId');
  const channel = await stores.notifications.channel({ orderId, checkoutId, channelId: read.text('channelId') });
  if (!channel) throw new DomainError('SERVICE_UNAVAILABLE', 'The store has no sales channel yet');
  const facts: MailFacts = {
    payload,
    occurredAt,
    channel,
    order: orderId === null ? undefined : await stores.orders.get(orderId),
    checkout: orderId === null && checkoutId !== null ? await stores.checkouts.get(checkoutId) : undefined,
  };
  return { facts, channel: { ...channel, locale: read.text('locale') ?? channel.locale } };
}

/** The shop's name and address, as its mails show them. */
export const shopOf = ({ name, mailFromName, storefrontUrl }: MailChannel): MailShop => ({
  name: mailFromName ?? name,
  url: webAddress(storefrontUrl),
});
