import type { SettleReturnCommand } from '../../../domain/orders/order-command.ts';
import { returnEligibility, windowEnds, type Eligibility } from '../../../domain/orders/returns/return-eligibility.ts';
import { checkReturnPolicy, type ReturnPolicy } from '../../../domain/orders/returns/return-policy.ts';
import type { ReturnFilter } from '../../../domain/orders/returns/return-store.ts';
import type { ReturnSettlement } from '../../../domain/orders/returns/return-settlement.ts';
import type { OrderReturn } from '../../../domain/orders/returns/return.ts';
import { invalid, notFound } from '../../../domain/shared/errors.ts';
import type { Page, PageRequest } from '../../../domain/shared/page.ts';
import type { Work } from '../../stores.ts';
import { reckonReturn } from '../commands/settle-return.ts';

/** What of an order can be sent back or claimed now. */
export interface ReturnOptions {
  /** Undefined: a parcel is under way. */
  readonly until: Date | undefined;
  readonly lines: readonly { readonly orderLineId: string; readonly back: Eligibility; readonly claim: Eligibility }[];
}

export interface ChannelReturnPolicy extends ReturnPolicy {
  readonly windowDays: number;
}

/** What is read of returns, and the promises that channels make. */
export interface ReturnDesk {
  get(returnId: string): Promise<OrderReturn | undefined>;
  list(page: PageRequest, filter: ReturnFilter): Promise<Page<OrderReturn>>;
  ofOrder(orderId: string): Promise<OrderReturn[]>;
  /** Raises NOT_FOUND. */
  options(orderId: string): Promise<ReturnOptions>;
  /** What a settlement would come to. Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION. */
  preview(returnId: string, wish: Pick<SettleReturnCommand, 'units' | 'fees'>): Promise<ReturnSettlement>;
  policy(channelCode: string): Promise<ChannelReturnPolicy | undefined>;
  /** Raises NOT_FOUND, INVALID_INPUT. */
  setPolicy(channelCode: string, change: Partial<ChannelReturnPolicy>, actor: string): Promise<ChannelReturnPolicy>;
}

const MAX_WINDOW_DAYS = 3_650;

/** Builds it over the stores. */
export function createReturnDesk({ work, now }: { work: Work; now: () => Date }): ReturnDesk {
  const { stores } = work;
  return {
    get: (returnId) => stores.returns.get(returnId),
    list: (page, filter) => stores.returns.list(page, filter),
    ofOrder: (orderId) => stores.returns.ofOrder(orderId),

    options: (orderId) =>
      work.transaction(async (inside) => {
        const head = await inside.orders.lock(orderId);
        const order = await inside.orders.get(orderId);
        if (!head || !order) throw notFound('The order', 'orderId');
        const { excludedCategoryIds } = await inside.returns.policyOf(orderId);
        const about = { status: order.status, deliveredAt: order.deliveredAt, windowDays: head.returnWindowDays };
        const lines = await inside.returns.returnableLines(orderId, excludedCategoryIds);
        const at = now();
        return {
          until: windowEnds(about),
          lines: lines.map((line) => ({ orderLineId: line.id, back: returnEligibility(about, line, { now: at }), claim: returnEligibility(about, line, { now: at, claim: true }) })),
        };
      }),

    async preview(returnId, wish) {
      const subject = await stores.returns.get(returnId);
      const order = subject && (await stores.orders.get(subject.orderId));
      if (!subject || !order) throw notFound('The return', 'returnId');
      return reckonReturn(subject, order, wish).settlement;
    },

    async policy(channelCode) {
      const found = await stores.returns.policyOfChannel(channelCode);
      return found && { ...found.policy, windowDays: found.windowDays };
    },

    setPolicy: (channelCode, change, actor) =>
      work.transaction(async (inside) => {
        const found = await inside.returns.policyOfChannel(channelCode);
        if (!found) throw notFound('The channel', 'channelCode');
        const { windowDays, ...policy } = { ...found.policy, windowDays: found.windowDays, ...change };
        if (!Number.isSafeInteger(windowDays) || windowDays < 0 || windowDays > MAX_WINDOW_DAYS) throw invalid('windowDays', `Must be 0 to ${MAX_WINDOW_DAYS}`);
        await inside.returns.setPolicy(channelCode, windowDays, checkReturnPolicy(policy));
        await inside.audit.append({ actor, action: 'return_policy.set', subjectId: channelCode, detail: change });
        return { ...policy, windowDays };
      }),
  };
}
