import type { Order } from '../../../domain/orders/order.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import type { RequestContext } from '../context.ts';
import { toEnum } from '../enum-names.ts';
import type { OrderTracking, Resolvers } from '../generated/storefront.ts';
import { textInput } from '../text-input.ts';
import { toOrder } from './order-types.ts';

const MAX_NUMBER_LENGTH = 50;
const MAX_EMAIL_LENGTH = 320;

/** Of orders of others there is nothing to see, not even that they are there. */
async function ownOrder(id: string, { customer, orders }: RequestContext): Promise<Order | undefined> {
  const { id: customerId } = await customer();
  const order = await orders.get(id);
  return order?.customerId === customerId ? order : undefined;
}

const toTracking = ({ number, status, fulfillmentStatus, returnStatus, placedAt, fulfillments }: Order): OrderTracking => ({
  number,
  status: toEnum(status),
  fulfillmentStatus: toEnum(fulfillmentStatus),
  returnStatus: toEnum(returnStatus),
  placedAt,
  parcels: fulfillments
    .filter((parcel) => parcel.status !== 'canceled')
    .map(({ number: parcel, status: state, carrier, trackingNumber, trackingUrl, shippedAt, deliveredAt }) => ({
      number: parcel,
      status: toEnum(state),
      ...{ carrier, trackingNumber, trackingUrl, shippedAt, deliveredAt },
    })),
});

/** What a shopper sees of orders. */
export const orderResolvers: Resolvers = {
  Query: {
    async order(_, { cartToken, id }, context) {
      if ((cartToken == null) === (id == null)) throw invalid('id', 'Give either cartToken or id');
      const order = cartToken == null ? await ownOrder(id ?? '', context) : await context.orders.findByCartToken(cartToken);
      return order ? toOrder(order) : null;
    },
    async orderTrack(_, { number, email }, { channel, keyedHash, networkAddress, orderTracker }) {
      const order = await orderTracker.track({
        channelId: channel.id,
        number: textInput(number, 'number', MAX_NUMBER_LENGTH),
        email: textInput(email, 'email', MAX_EMAIL_LENGTH),
        networkKey: keyedHash('network', networkAddress),
      });
      return order ? toTracking(order) : null;
    },
  },
};
