import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BalanceWish, CollectionAnswer, CollectionStanding, TryOutcome, TryPlan } from '../../domain/orders/collections/collection-standing.ts';

/** Wire name of the workflow. */
export const COLLECTION_WORKFLOW = 'collection';

/** One workflow a balance, until it is paid or nobody is to pay it any more. */
export const collectionWorkflowId = (collectionId: string): string => `collection/${collectionId}`;

export interface CollectionInput {
  readonly collectionId: string;
  /** Payments that a gateway told something of and that were not looked at before the workflow continued as new. */
  readonly notices?: readonly string[];
}

/** Pays the balance; a repeated request is the same try. */
export const payBalanceUpdate = defineUpdate<CollectionAnswer, [BalanceWish]>('payBalance');

/** The gateway says that something happened to a payment of the balance. */
export const collectionNotifiedSignal = defineSignal<[{ eventId: string; paymentId: string }]>('collectionNotified');

/** Something about the order has changed: look whether the balance is still to be paid. */
export const collectionChangedSignal = defineSignal('changed');

/** Short idempotent database steps: local activities. */
export interface CollectionSteps {
  loadCollection(input: CollectionInput): Promise<CollectionStanding>;
  beginBalanceTry(input: BalanceWish & { collectionId: string }): Promise<TryPlan>;
  /** A try with the method of the customer's that an operator has named. */
  beginSavedMethodTry(input: { collectionId: string }): Promise<TryPlan>;
  /** Sends the customer the link, once. */
  announceBalance(input: { collectionId: string }): Promise<void>;
  remindOfBalance(input: { collectionId: string }): Promise<void>;
  /** Ends a balance that nobody has paid in time, or nobody is to pay any more. */
  endBalance(input: { collectionId: string }): Promise<void>;
}

/** Calls to the gateways, each with the transaction that records what came of it. */
export interface CollectionActivities {
  /** Asks for the payment, or looks what became of it. */
  payBalanceTry(input: { paymentId: string }): Promise<TryOutcome>;
  /** Ends an unfinished try at its gateway; it may turn out to have been paid. */
  stopBalanceTry(input: { paymentId: string }): Promise<TryOutcome>;
}
