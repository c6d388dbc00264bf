import { composeMail } from '../../../domain/orders/notifications/compose-mail.ts';
import type { MailRenderer } from '../../../domain/orders/notifications/mail-content.ts';
import type { NotificationDesk } from '../../../domain/orders/notifications/notification.ts';
import { samplePayload } from '../../../domain/orders/notifications/sample-payload.ts';
import { DomainError, notFound } from '../../../domain/shared/errors.ts';
import type { Work } from '../../stores.ts';
import { loadFacts, shopOf } from './load-facts.ts';
import { resendNotification } from './resend-notification.ts';

/** What operators see of notifications and do with them. */
export function createNotificationDesk({
  work,
  renderer,
  now,
}: {
  work: Work;
  renderer: MailRenderer;
  now: () => Date;
}): NotificationDesk {
  const { stores } = work;
  return {
    list: (page, filter) => stores.notifications.list(page, filter),
    resend: (id, actor) => resendNotification(work, id, actor),

    async preview(template, orderId) {
      const order = await stores.orders.get(orderId);
      if (!order) throw notFound('The order', 'orderId');
      const event = (await stores.notifications.latestEvent(orderId, template)) ?? {
        payload: samplePayload(template, order, now()),
        occurredAt: now(),
      };
      const { facts, channel } = await loadFacts(stores, orderId, event);
      const composed = composeMail(template, { ...facts, checkout: await stores.checkouts.get(order.checkoutId) });
      if (!composed) throw new DomainError('CONFLICT', 'The order has nothing that such a mail could tell of', 'template');
      return renderer.render(composed.content, { locale: channel.locale, shop: shopOf(channel) });
    },
  };
}
