import type { Notification } from '../../../domain/orders/notifications/notification.ts';
import { DomainError, notFound } from '../../../domain/shared/errors.ts';
import type { Work } from '../../stores.ts';

/**
 * Sends a mail again, as another mail with a Message-ID of its own, and writes who asked. Raises NOT_FOUND, and
 * INVALID_TRANSITION for one that is still to be sent.
 */
export const resendNotification = (work: Work, id: string, actor: string): Promise<Notification> =>
  work.transaction(async (stores) => {
    const notification = await stores.notifications.lock(id);
    if (!notification) throw notFound('The notification', 'id');
    const { orderId, template, status } = notification;
    if (status === 'pending' || status === 'sending')
      throw new DomainError('INVALID_TRANSITION', 'The mail is still to be sent', 'id');
    await stores.notifications.resend(id);
    await stores.audit.append({
      actor,
      action: 'notification.resend',
      subjectId: orderId ?? id,
      detail: { notificationId: id, template },
    });
    return (await stores.notifications.get(id)) ?? notification;
  });
