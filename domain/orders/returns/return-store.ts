import type { Page, PageRequest } from '../../shared/page.ts';
import type { Tracking } from '../fulfillment.ts';
import type { ReturnableLine } from './return-eligibility.ts';
import type { ReturnPolicy } from './return-policy.ts';
import type { ReturnRefund } from './return-task.ts';
import type { Condition, OrderReturn, ReturnReason, SettledSums } from './return.ts';

/** A return as it is asked for. */
export interface NewReturn extends Pick<OrderReturn, 'id' | 'orderId' | 'kind' | 'sendBack' | 'requestedBy' | 'note' | 'terms' | 'wanted' | 'decideBy' | 'requestedAt'> {
  readonly lines: readonly { readonly orderLineId: string; readonly quantity: number; readonly reason: ReturnReason }[];
}

type Changed = Pick<
  OrderReturn,
  | 'status'
  | 'sendBack'
  | 'decidedBy'
  | 'decisionReason'
  | 'provider'
  | 'providerRef'
  | 'sendBackBy'
  | 'inspectBy'
  | 'reminders'
  | 'calledFor'
  | 'refundId'
  | 'orderEditId'
  | 'outcome'
  | 'decidedAt'
  | 'announcedAt'
  | 'receivedAt'
  | 'inspectedAt'
  | 'endedAt'
>;

/** Absent fields stay. */
export type ReturnChange = { readonly [Field in keyof Changed]?: NonNullable<Changed[Field]> } & {
  readonly [Field in keyof Tracking]?: NonNullable<Tracking[Field]>;
} & { readonly settlement?: SettledSums };

/** Units of a line in one condition. */
export interface UnitsInCondition {
  readonly orderLineId: string;
  readonly condition: Condition;
  readonly quantity: number;
}

/** What was decided on the units of a line in one condition. */
export interface InspectedUnits extends UnitsInCondition {
  readonly restocked: number;
}

export interface ReturnFilter {
  readonly status?: OrderReturn['status'];
  readonly kind?: OrderReturn['kind'];
  readonly orderId?: string;
}

/** Where returns are kept. Writers hold the order's lock. */
export interface ReturnStore {
  /** Gives it the next number of its order. */
  insert(asked: NewReturn): Promise<void>;
  get(returnId: string): Promise<OrderReturn | undefined>;
  /** By number. */
  ofOrder(orderId: string): Promise<OrderReturn[]>;
  /** Newest first. */
  list(page: PageRequest, filter: ReturnFilter): Promise<Page<OrderReturn>>;
  update(returnId: string, change: ReturnChange): Promise<void>;
  /** Adds units that have arrived. */
  receive(returnId: string, units: readonly UnitsInCondition[]): Promise<void>;
  /** Notes what is accepted, of what has arrived and of what is not sent back. */
  accept(returnId: string, units: readonly InspectedUnits[], kept: readonly { readonly orderLineId: string; readonly quantity: number }[]): Promise<void>;
  /** The lines of an order, with what of them is in returns, and whether the categories exclude them. */
  returnableLines(orderId: string, excludedCategoryIds: readonly string[]): Promise<ReturnableLine[]>;
  /** The policy of an order's channel. */
  policyOf(orderId: string): Promise<ReturnPolicy>;
  /** The policy of a channel, by its code; undefined when there is no such channel. */
  policyOfChannel(code: string): Promise<{ readonly windowDays: number; readonly policy: ReturnPolicy } | undefined>;
  setPolicy(channelCode: string, windowDays: number, policy: ReturnPolicy): Promise<void>;
  refundOf(returnId: string): Promise<ReturnRefund | undefined>;
  /** The return that waits for a refund. */
  findByRefund(refundId: string): Promise<string | undefined>;
}
