import type { Order } from '../order.ts';
import type { OrderReturn, ReturnLine } from './return.ts';

/** A return as events tell of it: without the customer's own words. Amounts in minor units of `currency`. */
export type ReturnSnapshot = Pick<
  OrderReturn,
  | 'number'
  | 'kind'
  | 'status'
  | 'sendBack'
  | 'requestedBy'
  | 'currency'
  | 'wanted'
  | 'carrier'
  | 'trackingNumber'
  | 'settlement'
  | 'refundId'
  | 'orderEditId'
  | 'outcome'
> & { readonly lines: readonly (Omit<ReturnLine, 'units'> & { readonly variantId: string; readonly sku: string })[] };

/** The return for the payload of an event. */
export function returnSnapshot(subject: OrderReturn, order: Pick<Order, 'lines'>): ReturnSnapshot {
  const { number, kind, status, sendBack, requestedBy, currency, carrier, trackingNumber, settlement, refundId, orderEditId, outcome } = subject;
  return {
    ...{ number, kind, status, sendBack, requestedBy, currency, carrier, trackingNumber, settlement, refundId, orderEditId, outcome },
    wanted: subject.wanted.map(({ variantId, quantity }) => ({ variantId, quantity })),
    lines: subject.lines.flatMap(({ orderLineId, quantity, reason, receivedQuantity, acceptedQuantity }) => {
      const line = order.lines.find(({ id }) => id === orderLineId);
      if (!line) return [];
      return [{ orderLineId, variantId: line.variantId, sku: line.sku, quantity, reason, receivedQuantity, acceptedQuantity }];
    }),
  };
}
