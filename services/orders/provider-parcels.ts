import type { FulfillmentProcess } from '../../domain/orders/fulfillment-process.ts';
import type { ParcelRequest, ProviderFulfillment, ProviderState } from '../../domain/orders/fulfillment-provider.ts';
import { FulfillmentProviderError } from '../../domain/orders/fulfillment-provider.ts';
import type { FulfillmentProviders } from '../../domain/orders/fulfillment-providers.ts';
import { fulfillmentTransitions, isOpenFulfillment, MANUAL_PROVIDER, type Fulfillment, type FulfillmentState } from '../../domain/orders/fulfillment.ts';
import type { MoveFulfillmentCommand } from '../../domain/orders/order-command.ts';
import type { OrderProcess } from '../../domain/orders/order-process.ts';
import type { Order } from '../../domain/orders/order.ts';
import { isWithBank } from '../../domain/payments/dispute-record.ts';
import { refundOfUnits } from '../../domain/payments/refund.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Work } from '../stores.ts';

/** Parcels that a carrier or a warehouse of somebody else has. What the provider says becomes commands on the order. */
export interface ProviderParcels {
  /** Hands the parcel over, or asks how it is, and notes that; tells its state. Raises FulfillmentProviderError. */
  advance(fulfillmentId: string): Promise<FulfillmentState>;
  /** Asks the provider to stop. Raises INVALID_TRANSITION when it is too late. */
  cancel(fulfillmentId: string, request: { commandId: string; actor: string; reason: string }): Promise<FulfillmentState>;
  /** Asks all providers to stop what they have of the order. Raises INVALID_TRANSITION when it is too late for one. */
  stop(orderId: string, request: { actor: string; reason: string }): Promise<void>;
}

/** Our state of a parcel that its provider tells to be in this one; undefined while nothing has happened to it. */
const STATES: Readonly<Record<ProviderState, FulfillmentState | undefined>> = {
  accepted: undefined,
  picking: 'picking',
  packed: 'packed',
  shipped: 'shipped',
  in_transit: 'shipped',
  exception: 'shipped',
  delivered: 'delivered',
  returned_to_sender: 'returned_to_sender',
  canceled: 'canceled',
  rejected: 'canceled',
};

/** The states to go through: what has arrived has left before. */
function wayTo(from: FulfillmentState, to: FulfillmentState): FulfillmentState[] {
  if (from === to) return [];
  return isOpenFulfillment(from) && (to === 'delivered' || to === 'returned_to_sender') ? ['shipped', to] : [to];
}

/** Builds it over the stores and the providers; `fulfillments` asks a parcel's own actor, so that two never talk to its provider at once. */
export function createProviderParcels(deps: {
  work: Work;
  providers: FulfillmentProviders;
  orders: Pick<OrderProcess, 'command'>;
  fulfillments: Pick<FulfillmentProcess, 'cancel'>;
  newId: IdGenerator;
}): ProviderParcels {
  const { work, providers, orders, fulfillments, newId } = deps;
  const { stores } = work;

  async function load(fulfillmentId: string): Promise<{ parcel: Fulfillment; order: Order }> {
    const parcel = await stores.fulfillments.get(fulfillmentId);
    const order = parcel && (await stores.orders.get(parcel.orderId));
    if (!parcel || !order) throw notFound('The fulfillment', 'fulfillmentId');
    return { parcel, order };
  }

  async function requestOf(parcel: Fulfillment, order: Order): Promise<ParcelRequest> {
    const location = (await stores.inventory.locations()).find(({ id }) => id === parcel.locationId);
    if (!location) throw notFound('The stock location');
    const contents = parcel.lines.map(({ orderLineId, quantity }) => {
      const line = order.lines.find(({ id }) => id === orderLineId);
      if (!line) throw notFound('The order line');
      return { sku: line.sku, title: line.productTitle, quantity, value: refundOfUnits({ ...line, refundedQuantity: 0 }, quantity) };
    });
    return {
      key: `${parcel.id}/request`,
      fulfillmentId: parcel.id,
      orderNumber: order.number,
      ...(parcel.service === null ? {} : { service: parcel.service }),
      lines: contents.map(({ sku, title, quantity }) => ({ sku, title, quantity })),
      from: { code: location.code, name: location.name, countryCode: location.countryCode },
      to: order.shippingAddress,
      value: contents.reduce((sum, { value }) => sum + value, 0),
      currency: order.currency,
    };
  }

  /** What has left, by order line: a warehouse only knows articles. */
  function shippedLines(parcel: Fulfillment, order: Order, told: ProviderFulfillment): MoveFulfillmentCommand['lines'] {
    if (!told.shipped) return undefined;
    const left = new Map(told.shipped.map(({ sku, quantity }) => [sku, quantity]));
    return parcel.lines.map(({ orderLineId, quantity }) => {
      const sku = order.lines.find(({ id }) => id === orderLineId)?.sku ?? '';
      const shipped = Math.min(quantity, left.get(sku) ?? 0);
      left.set(sku, (left.get(sku) ?? 0) - shipped);
      return { orderLineId, quantity: shipped };
    });
  }

  const trackingOf = ({ carrier, trackingNumber, trackingUrl, labelUrl }: ProviderFulfillment) => ({
    ...(carrier === undefined ? {} : { carrier }),
    ...(trackingNumber === undefined ? {} : { trackingNumber }),
    ...(trackingUrl === undefined ? {} : { trackingUrl }),
    ...(labelUrl === undefined ? {} : { labelUrl }),
  });

  /** Notes what the provider says; the order hears of each step once. */
  async function note(parcel: Fulfillment, order: Order, told: ProviderFulfillment): Promise<FulfillmentState> {
    await stores.fulfillments.update(parcel.id, { providerRef: told.ref, ...trackingOf(told) });
    let state = parcel.status;
    for (const to of wayTo(state, STATES[told.state] ?? state)) {
      if (to === 'pending') continue;
      const lines = to === 'shipped' ? shippedLines(parcel, order, told) : undefined;
      await orders.command(order.id, {
        kind: 'move_fulfillment',
        commandId: `${parcel.id}/${to}`,
        actor: parcel.provider,
        fulfillmentId: parcel.id,
        to,
        tracking: trackingOf(told),
        ...(lines ? { lines } : {}),
        ...(told.reason === undefined ? {} : { reason: told.reason }),
        reported: true,
      });
      state = to;
    }
    if (told.state === 'rejected') await callPerson(parcel, told.reason ?? 'The provider gave no reason');
    return state;
  }

  const callPerson = async (parcel: Fulfillment, cause: string): Promise<void> => {
    await stores.incidents.raise(newId('incident'), {
      kind: 'fulfillment_refused',
      subjectId: parcel.id,
      orderId: parcel.orderId,
      cause: `${parcel.provider}: ${cause}`,
      nextAction: 'The units are open again: send them another way, or take them out of the order',
    });
  };

  /** The provider will not do it: the units are open again. */
  async function refuse(parcel: Fulfillment, reason: string): Promise<FulfillmentState> {
    await orders.command(parcel.orderId, {
      kind: 'move_fulfillment',
      commandId: `${parcel.id}/canceled`,
      actor: parcel.provider,
      fulfillmentId: parcel.id,
      to: 'canceled',
      reason,
      reported: true,
    });
    await callPerson(parcel, reason);
    return 'canceled';
  }

  return {
    async advance(fulfillmentId) {
      const { parcel, order } = await load(fulfillmentId);
      if (fulfillmentTransitions.isTerminal(parcel.status)) return parcel.status;
      const provider = providers.get(parcel.provider);
      if (parcel.providerRef !== null) return note(parcel, order, await provider.retrieve(parcel.providerRef));
      try {
        return await note(parcel, order, await provider.request(await requestOf(parcel, order)));
      } catch (error) {
        if (!(error instanceof FulfillmentProviderError) || error.kind !== 'rejected') throw error;
        return refuse(parcel, error.message);
      }
    },

    async cancel(fulfillmentId, { commandId, actor, reason }) {
      const { parcel } = await load(fulfillmentId);
      if (parcel.status === 'canceled') return parcel.status;
      if (!isOpenFulfillment(parcel.status)) throw new DomainError('INVALID_TRANSITION', `The fulfillment is ${parcel.status}`, 'fulfillmentId');
      const provider = providers.get(parcel.provider);
      const ref = parcel.providerRef ?? (await provider.findByReference(parcel.id))?.ref;
      if (ref !== undefined) {
        const told = await provider.cancel({ key: `${parcel.id}/cancel`, ref });
        if (STATES[told.state] !== 'canceled') throw new DomainError('INVALID_TRANSITION', `It is too late: ${parcel.provider} says ${told.state}`, 'fulfillmentId');
      }
      await orders.command(parcel.orderId, { kind: 'move_fulfillment', commandId, actor, fulfillmentId, to: 'canceled', reason });
      return 'canceled';
    },

    async stop(orderId, { actor, reason }) {
      const order = await stores.orders.get(orderId);
      const disputed = (await stores.disputes.ofOrder(orderId)).some(({ status }) => isWithBank(status));
      // The order will not be canceled: nothing is stopped for it.
      if (order?.status !== 'placed' || order.fulfillmentStatus !== 'unfulfilled' || disputed) return;
      for (const { id, provider, status } of await stores.fulfillments.ofOrder(orderId)) {
        if (!isOpenFulfillment(status) || provider === MANUAL_PROVIDER) continue;
        await fulfillments.cancel(id, { commandId: `${id}/stop`, actor, reason });
      }
    },
  };
}
