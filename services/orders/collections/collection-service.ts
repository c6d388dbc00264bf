import { hasEnded, type Collection, type CollectionTry } from '../../../domain/orders/collections/collection.ts';
import type { BalanceWish, CollectionAnswer, CollectionStanding, TryPlan } from '../../../domain/orders/collections/collection-standing.ts';
import type { OrderHead } from '../../../domain/orders/order-store.ts';
import type { Gateways } from '../../../domain/payments/gateways.ts';
import { STORED_VALUE_KINDS } from '../../../domain/payments/stored-value.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import { hashCartToken, type KeyedHash } from '../../checkout/cart-tokens.ts';
import { authorizeKey } from '../../payments/record-payment.ts';
import type { Stores, Work } from '../../stores.ts';

/** Whoever needs more cards is trying them out. */
const MAX_TRIES = 20;

/** When balances are to be paid, and where their links lead. */
export interface BalancePolicy {
  /** Seconds for which a link is good; the customer is reminded after half of them. */
  readonly expiresSeconds: number;
  /** Where a storefront is whose channel does not say it: without a slash at its end. */
  readonly publicUrl: string;
}

/** The steps of a balance's actor, each one transaction and safe to repeat. */
export interface CollectionService {
  load(collectionId: string): Promise<CollectionStanding>;
  /** Raises INVALID_INPUT. */
  beginTry(collectionId: string, wish: BalanceWish): Promise<TryPlan>;
  beginSavedMethodTry(collectionId: string): Promise<TryPlan>;
  announce(collectionId: string): Promise<void>;
  remind(collectionId: string): Promise<void>;
  end(collectionId: string): Promise<void>;
}

const isWanted = ({ status }: Pick<OrderHead, 'status'>): boolean => status === 'placed' || status === 'completed';

const TOO_MANY: CollectionAnswer = { kind: 'declined', reason: 'too_many_tries', message: 'Too many payment methods were tried: ask the store', retryable: false };

/** Builds the use cases of balances over the stores. */
export function createCollectionService(deps: {
  work: Work;
  gateways: Gateways;
  newId: IdGenerator;
  now: () => Date;
  keyedHash: KeyedHash;
  policy: BalancePolicy;
}): CollectionService {
  const { work, gateways, newId, now, keyedHash, policy } = deps;

  /** The order first, as everywhere. */
  async function lock(stores: Stores, collectionId: string): Promise<{ order: OrderHead; collection: Collection }> {
    const seen = await stores.collections.get(collectionId);
    const order = seen && (await stores.orders.lock(seen.orderId));
    const collection = order && (await stores.collections.lock(collectionId));
    if (!order || !collection) throw notFound('The balance', 'token');
    return { order, collection };
  }

  /** Made from the balance's id: the link can be sent again, and only its hash is kept. */
  const tokenOf = (collectionId: string): string => keyedHash('collection', collectionId);

  async function linkOf(stores: Stores, collectionId: string): Promise<string> {
    const base = (await stores.collections.storefrontUrl(collectionId)) ?? policy.publicUrl;
    return `${base.replace(/\/+$/, '')}/balance/${tokenOf(collectionId)}`;
  }

  async function tellCustomer(stores: Stores, type: 'order.balance_due' | 'order.balance_reminder', { id, orderId, amount, currency }: Collection, expiresAt: Date): Promise<void> {
    const url = await linkOf(stores, id);
    const payload = { orderId, collectionId: id, amount, currency, url, expiresAt: expiresAt.toISOString() };
    await stores.outbox.append({ id: newId('event'), type, aggregateId: orderId, payload });
  }

  /** Something may still come of it: money, or a refund of money that came too late. */
  const isOpen = (attempt: CollectionTry, collection: Collection): boolean =>
    !hasEnded(attempt) && (attempt.status !== 'captured' || (attempt.paymentId !== collection.paymentId && attempt.held > 0));

  const openTry = async (stores: Stores, collection: Collection): Promise<CollectionTry | undefined> =>
    (await stores.collections.tries(collection.id)).find((attempt) => isOpen(attempt, collection));

  /** What must be done before another try; undefined when nothing is in the way. */
  async function inTheWay(stores: Stores, order: OrderHead, collection: Collection, wish: BalanceWish): Promise<TryPlan | undefined> {
    if (collection.status === 'paid') return { kind: 'answer', answer: { kind: 'paid' } };
    if (collection.status !== 'open') return { kind: 'answer', answer: { kind: 'ended', status: collection.status } };
    if (!isWanted(order)) return { kind: 'answer', answer: { kind: 'ended', status: 'canceled' } };
    const current = await openTry(stores, collection);
    if (!current) return undefined;
    const same = current.gateway === wish.gateway && current.methodToken === wish.paymentMethod;
    // One that waits for the customer gives way to another method; whatever else is under way is waited for.
    return { kind: !same && current.status === 'requires_action' ? 'stop' : 'pay', paymentId: current.paymentId };
  }

  async function begin(
    stores: Stores,
    { order, collection }: { order: OrderHead; collection: Collection },
    wish: BalanceWish & { customerRef?: string; offSession: boolean },
  ): Promise<TryPlan> {
    const payments = await stores.payments.ofOrder(order.id);
    const paymentId = newId('payment');
    const position = Math.max(1, ...payments.map((payment) => payment.position)) + 1;
    const { amount, currency } = collection;
    await stores.payments.insert({
      ...{ id: paymentId, checkoutId: order.checkoutId, orderId: order.id, position, gateway: wish.gateway, storedValueAccountId: null },
      ...{ captureMethod: 'automatic', currency, amount, methodToken: wish.paymentMethod, customerRef: wish.customerRef ?? null },
    });
    await stores.payments.openOperation({ key: authorizeKey({ id: paymentId, orderId: order.id, position }), paymentId, kind: 'authorize', amount });
    const { requestId, offSession, returnUrl = null } = wish;
    await stores.collections.addTry({ paymentId, collectionId: collection.id, requestId, offSession, returnUrl });
    return { kind: 'pay', paymentId };
  }

  /** Raises INVALID_INPUT for a gateway that the channel does not take. */
  async function requireOffered(stores: Stores, order: OrderHead, gateway: string): Promise<void> {
    gateways.get(gateway);
    const offered = (await stores.checkouts.get(order.checkoutId))?.snapshot.channel.paymentGateways ?? [];
    if (STORED_VALUE_KINDS.some((kind) => kind === gateway) || (offered.length > 0 && !offered.includes(gateway))) {
      throw invalid('gateway', `A balance cannot be paid through ${gateway}`);
    }
  }

  return {
    load: (collectionId) =>
      work.transaction(async (stores) => {
        const { order, collection } = await lock(stores, collectionId);
        const { status, savedMethodId, expiresAt, remindedAt, createdAt } = collection;
        const tries = await stores.collections.tries(collectionId);
        const open = tries.find((attempt) => isOpen(attempt, collection));
        const until = (instant: Date): number => Math.max(0, instant.getTime() - now().getTime());
        const remindAt = expiresAt && new Date((createdAt.getTime() + expiresAt.getTime()) / 2);
        return {
          status,
          wanted: isWanted(order),
          chargeFirst: savedMethodId !== null && expiresAt === null && !tries.some(({ offSession }) => offSession),
          announced: expiresAt !== null,
          ...(expiresAt === null ? {} : { expiresInMs: until(expiresAt) }),
          ...(remindAt === null || remindedAt !== null ? {} : { remindInMs: until(remindAt) }),
          ...(open ? { tryOpen: { paymentId: open.paymentId, offSession: open.offSession, waitsForCustomer: open.status === 'requires_action' } } : {}),
        };
      }),

    beginTry: (collectionId, wish) =>
      work.transaction(async (stores) => {
        const locked = await lock(stores, collectionId);
        const known = await stores.collections.tryOfRequest(wish.requestId);
        if (known) return { kind: 'pay', paymentId: known.paymentId };
        const waits = await inTheWay(stores, locked.order, locked.collection, wish);
        if (waits) return waits;
        await requireOffered(stores, locked.order, wish.gateway);
        if ((await stores.collections.tries(collectionId)).length >= MAX_TRIES) return { kind: 'answer', answer: TOO_MANY };
        return begin(stores, locked, { ...wish, offSession: false });
      }),

    beginSavedMethodTry: (collectionId) =>
      work.transaction(async (stores) => {
        const locked = await lock(stores, collectionId);
        const requestId = `${collectionId}/saved-method`;
        const known = await stores.collections.tryOfRequest(requestId);
        if (known) return { kind: 'pay', paymentId: known.paymentId };
        const method = locked.collection.savedMethodId === null ? undefined : await stores.savedMethods.get(locked.collection.savedMethodId);
        // Removed by the customer since: the link asks for another one.
        if (!method || locked.collection.status !== 'open' || !isWanted(locked.order)) return { kind: 'answer', answer: { kind: 'processing' } };
        const { gateway, token, customerRef } = method;
        return begin(stores, locked, { requestId, gateway, paymentMethod: token, customerRef, offSession: true });
      }),

    announce: (collectionId) =>
      work.transaction(async (stores) => {
        const { collection } = await lock(stores, collectionId);
        if (collection.status !== 'open' || collection.expiresAt !== null) return;
        const expiresAt = new Date(now().getTime() + policy.expiresSeconds * 1_000);
        await stores.collections.announce(collectionId, { tokenHash: hashCartToken(tokenOf(collectionId)), expiresAt });
        await tellCustomer(stores, 'order.balance_due', collection, expiresAt);
      }),

    remind: (collectionId) =>
      work.transaction(async (stores) => {
        const { collection } = await lock(stores, collectionId);
        const { status, expiresAt, remindedAt } = collection;
        if (status !== 'open' || expiresAt === null || remindedAt !== null) return;
        await stores.collections.markReminded(collectionId);
        await tellCustomer(stores, 'order.balance_reminder', collection, expiresAt);
      }),

    end: (collectionId) =>
      work.transaction(async (stores) => {
        const { order, collection } = await lock(stores, collectionId);
        if (collection.status !== 'open') return;
        const { orderId, amount, currency } = collection;
        const wanted = isWanted(order);
        await stores.collections.end(collectionId, { status: wanted ? 'expired' : 'canceled' });
        if (!wanted) return;
        await stores.outbox.append({ id: newId('event'), type: 'order.balance_expired', aggregateId: orderId, payload: { orderId, collectionId, amount, currency } });
        await stores.incidents.raise(newId('incident'), {
          ...{ kind: 'balance_unpaid', subjectId: collectionId, orderId, amount, currency },
          cause: 'The customer has not paid the balance of an edited order in time',
          nextAction: 'Commit an edit without changes to send a new link or, with waive, to forgive the balance; or take units out',
        });
      }),
  };
}
