import { FulfillmentProviderError, type ProviderState, type ReturnLabelRequest } from '../../../domain/orders/fulfillment-provider.ts';
import type { FulfillmentProviders } from '../../../domain/orders/fulfillment-providers.ts';
import type { MoveReturnCommand, OrderCommand } from '../../../domain/orders/order-command.ts';
import type { OrderProcess } from '../../../domain/orders/order-process.ts';
import { nextReturnStep, type ReturnStep, type ReturnTask } from '../../../domain/orders/returns/return-task.ts';
import type { OrderReturn, ReturnOutcome } from '../../../domain/orders/returns/return.ts';
import { DomainError, notFound } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import { tellOfReturn } from './return-steps.ts';
import type { Work } from '../../stores.ts';
import { outcomeOf } from '../commands/settle-return.ts';

/** Who acts when it is the time itself. */
const CLOCK = 'system';

/** What a return's actor does by itself: most of it are commands on the order, each with an id of its own. */
export interface ReturnKeeper {
  /** `now`, `askedAt`: by the actor's clock. Raises NOT_FOUND. */
  load(returnId: string, now: Date, askedAt?: Date): Promise<ReturnTask>;
  /** Repeatable. Raises what the command raises, and FulfillmentProviderError. */
  carryOut(returnId: string, step: ReturnStep, now: Date): Promise<void>;
}

type WithoutHead<Command> = Command extends OrderCommand ? Omit<Command, 'commandId' | 'actor' | 'at'> : never;

/** Parcels in these states are with the carrier. */
const UNDER_WAY: ReadonlySet<ProviderState> = new Set(['shipped', 'in_transit', 'exception', 'delivered']);

/** Builds it over the orders' actors, which alone change an order, and the providers of labels. */
export function createReturnKeeper(deps: { work: Work; orders: Pick<OrderProcess, 'command'>; providers: FulfillmentProviders; newId: IdGenerator }): ReturnKeeper {
  const { work, orders, providers, newId } = deps;
  const { stores } = work;

  async function returnOf(returnId: string): Promise<OrderReturn> {
    const found = await stores.returns.get(returnId);
    if (!found) throw notFound('The return', 'returnId');
    return found;
  }

  /** A repeated step is the same command; a later try of it is another, for the order's actor remembers refusals too. */
  const command = (subject: OrderReturn, name: string, now: Date, asked: WithoutHead<OrderCommand>, actor = CLOCK) =>
    orders.command(subject.orderId, { ...asked, commandId: `${subject.id}/${name}/${now.getTime()}`, actor, at: now.toISOString() });

  /** Calls a person, once for each thing that is waited for. */
  async function call({ id, orderId }: OrderReturn, kind: 'return_undecided' | 'return_uninspected', words: { cause: string; nextAction: string }): Promise<void> {
    await work.transaction(async (inside) => {
      await inside.orders.lock(orderId);
      await inside.returns.update(id, { calledFor: kind === 'return_undecided' ? 'decision' : 'inspection' });
      await inside.incidents.raise(newId('incident'), { kind, subjectId: id, orderId, ...words });
    });
  }

  async function labelRequest(subject: OrderReturn): Promise<ReturnLabelRequest> {
    const order = await stores.orders.get(subject.orderId);
    const [location] = await stores.inventory.locations();
    if (!order || !location) throw notFound('The stock location');
    const lines = subject.lines.flatMap(({ orderLineId, quantity }) => {
      const line = order.lines.find(({ id }) => id === orderLineId);
      return line ? [{ sku: line.sku, title: line.productTitle, quantity }] : [];
    });
    return {
      key: `${subject.id}/label`,
      returnId: subject.id,
      orderNumber: order.number,
      lines,
      from: order.shippingAddress,
      to: { code: location.code, name: location.name, countryCode: location.countryCode },
    };
  }

  /** Undefined: the provider sells none to this address, and a person hears of it. */
  async function buyLabel(subject: OrderReturn): Promise<MoveReturnCommand['parcel']> {
    const { labelProvider } = subject.terms;
    if (labelProvider === null) return undefined;
    const miss = async (cause: string): Promise<undefined> => {
      await stores.incidents.raise(newId('incident'), {
        kind: 'return_label_missing',
        subjectId: subject.id,
        orderId: subject.orderId,
        cause,
        nextAction: 'Give the return a label of your own, or let the customer pay for the parcel',
      });
      return undefined;
    };
    if (!providers.names.includes(labelProvider)) return miss(`The store has no provider ${labelProvider}`);
    const provider = providers.get(labelProvider);
    if (!provider.returnLabel) return miss(`${labelProvider} sells no labels for returns`);
    try {
      const { ref, carrier, trackingNumber, trackingUrl, labelUrl } = await provider.returnLabel(await labelRequest(subject));
      return { provider: labelProvider, providerRef: ref, carrier, trackingNumber, trackingUrl, labelUrl };
    } catch (error) {
      if (error instanceof FulfillmentProviderError && error.kind === 'rejected') return miss(`${labelProvider}: ${error.message}`);
      throw error;
    }
  }

  async function remind(subject: OrderReturn): Promise<void> {
    await work.transaction(async (inside) => {
      await inside.orders.lock(subject.orderId);
      const { status, reminders, labelUrl, sendBackBy } = (await inside.returns.get(subject.id)) ?? subject;
      if (status !== 'approved' || reminders !== subject.reminders) return;
      await inside.returns.update(subject.id, { reminders: reminders + 1 });
      await tellOfReturn({ stores: inside, newId }, 'return.reminder', subject, { labelUrl, ...(sendBackBy ? { shipBackBy: sendBackBy.toISOString() } : {}) });
      await inside.orders.update(subject.orderId, {});
    });
  }

  /** Where the provider says that the parcel is. */
  async function follow(subject: OrderReturn, now: Date): Promise<void> {
    const { provider, providerRef, status } = subject;
    if (provider === null || providerRef === null) return;
    const told = await providers.get(provider).retrieve(providerRef);
    if (status === 'approved' && UNDER_WAY.has(told.state)) await command(subject, 'in_transit', now, { kind: 'move_return', returnId: subject.id, to: 'in_transit' }, provider);
  }

  /** What was wanted instead may be sold out by now: then it is money. */
  async function settle(subject: OrderReturn, now: Date): Promise<void> {
    const asked = { kind: 'settle_return', returnId: subject.id } as const;
    try {
      await command(subject, 'settled', now, asked);
    } catch (error) {
      const soldOut = error instanceof DomainError && error.code === 'INVALID_TRANSITION' && subject.wanted.length > 0;
      if (!soldOut) throw error;
      await command(subject, 'refunded_instead', now, { ...asked, refundInstead: true });
    }
  }

  async function close(subject: OrderReturn, now: Date): Promise<void> {
    const refund = await stores.returns.refundOf(subject.id);
    const outcome: ReturnOutcome = refund?.attended === true ? 'settled_by_person' : outcomeOf(subject);
    await command(subject, 'closed', now, { kind: 'close_return', returnId: subject.id, outcome });
  }

  const STEPS: Readonly<Record<ReturnStep, (subject: OrderReturn, now: Date) => Promise<unknown>>> = {
    call_for_decision: (subject) =>
      call(subject, 'return_undecided', {
        cause: `Nobody has decided; on ${subject.decideBy.toISOString()} the policy does`,
        nextAction: 'Approve or reject the return',
      }),
    decide(subject, now) {
      const to = subject.terms.undecided === 'approve' && subject.sendBack ? 'approved' : 'rejected';
      const reason = to === 'rejected' ? { reason: 'We could not look at it in time' } : {};
      return command(subject, 'decided', now, { kind: 'move_return', returnId: subject.id, to, ...reason });
    },
    async buy_label(subject, now) {
      const parcel = await buyLabel(subject);
      await command(subject, 'label', now, { kind: 'move_return', returnId: subject.id, to: 'approved', announce: true, ...(parcel ? { parcel } : {}) });
    },
    remind,
    ask_provider: follow,
    expire: (subject, now) => command(subject, 'expired', now, { kind: 'move_return', returnId: subject.id, to: 'expired' }),
    call_for_inspection: (subject) =>
      call(subject, 'return_uninspected', {
        cause: `Nobody has inspected what came back; on ${subject.inspectBy?.toISOString() ?? 'its day'} it is paid for as it is`,
        nextAction: 'Inspect it and settle the return',
      }),
    settle,
    close,
  };

  return {
    async load(returnId, now, askedAt) {
      const subject = await returnOf(returnId);
      const next = nextReturnStep(subject, await stores.returns.refundOf(returnId), now, askedAt);
      return { status: subject.status, ...(next ? { next } : {}) };
    },
    async carryOut(returnId, step, now) {
      await STEPS[step](await returnOf(returnId), now);
    },
  };
}
