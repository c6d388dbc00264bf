import type { ReturnKeeper } from '../../services/orders/returns/return-keeper.ts';
import type { ReturnActivities, ReturnSteps } from '../../temporal/contracts/returns.ts';
import { withFailures } from '../failures.ts';

/** What a return's actor decides by, and does by itself. */
export const createReturnActivities = (keeper: ReturnKeeper): ReturnSteps & ReturnActivities =>
  withFailures({
    loadReturn: ({ returnId, now, askedAt }) => keeper.load(returnId, new Date(now), askedAt === undefined ? undefined : new Date(askedAt)),
    carryOutReturnStep: ({ returnId, step, now }) => keeper.carryOut(returnId, step, new Date(now)),
  } satisfies ReturnSteps & ReturnActivities);
