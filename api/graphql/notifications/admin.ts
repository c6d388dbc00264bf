import type { Notification } from '../../../domain/orders/notifications/notification.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Notification as GraphqlNotification, Resolvers } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, textInput } from '../text-input.ts';

const toNotification = ({ eventId: _, dueAt, status, template, ...rest }: Notification): GraphqlNotification => ({
  ...rest,
  status: toEnum(status),
  template: toEnum(template),
  nextAttemptAt: status === 'pending' || status === 'sending' ? dueAt : null,
});

/** What operators see of mails to customers and do with them. */
export const notificationResolvers = {
  Query: {
    async notifications(_, { orderId, status, ...page }, { notifications }) {
      const filter = { ...(orderId != null && { orderId }), ...(status != null && { status: fromEnum(status) }) };
      return toConnection(await notifications.list(toPageRequest(page), filter), toNotification);
    },
    async notificationPreview(_, { template, orderId }, { notifications }) {
      try {
        return { __typename: 'NotificationPreview', ...(await notifications.preview(fromEnum(template), orderId)) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
  Mutation: {
    async notificationResend(_, { input }, { notifications }) {
      try {
        const notification = await notifications.resend(input.id, textInput(input.actor, 'actor', MAX_ACTOR_LENGTH));
        return { __typename: 'NotificationPayload', notification: toNotification(notification) };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
} satisfies Resolvers;
