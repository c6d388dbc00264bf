import { averageOrder, type ProductRow, type SalesRow } from '../../../domain/orders/analytics/report.ts';
import { multiplyRatio } from '../../../domain/shared/money.ts';
import type { ReportRequest } from '../../../services/orders/analytics/analytics-desk.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum } from '../enum-names.ts';
import type { ProductSales, Resolvers, SalesRow as GraphqlSalesRow } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, textInput } from '../text-input.ts';

const REBUILD_WORKFLOW_ID = 'rebuild-analytics';

const requestOf = ({ from, to, channelCode }: { from: string; to: string; channelCode?: string | null }): ReportRequest => ({
  from,
  to,
  ...(channelCode == null ? {} : { channelCode }),
});

export function toSalesRow(row: SalesRow, currency: string): GraphqlSalesRow {
  const money = (amount: number) => ({ amount, currency });
  return {
    ...row,
    gross: money(row.gross),
    discount: money(row.discount),
    shipping: money(row.shipping),
    tax: money(row.tax),
    total: money(row.total),
    averageOrder: money(averageOrder(row)),
    canceledTotal: money(row.canceledTotal),
    refunded: money(row.refunded),
  };
}

function toProductSales(row: ProductRow, currency: string): ProductSales {
  const money = (amount: number) => ({ amount, currency });
  return { ...row, gross: money(row.gross), discount: money(row.discount), tax: money(row.tax), total: money(row.total) };
}

/** What operators ask of the figures. */
export const analyticsResolvers = {
  Query: {
    async salesReport(_, { input, interval }, { analytics }) {
      const { currency } = input;
      const rows = await analytics.sales({ ...requestOf(input), currency }, fromEnum(interval ?? 'DAY'));
      return { upToDateAt: (await analytics.upToDateAt()) ?? null, rows: rows.map((row) => toSalesRow(row, currency)) };
    },
    async productSales(_, { input, orderBy, ...page }, { analytics }) {
      const { currency } = input;
      const found = await analytics.products({ ...requestOf(input), currency }, fromEnum(orderBy ?? 'TOTAL'), toPageRequest(page));
      return { upToDateAt: (await analytics.upToDateAt()) ?? null, ...toConnection(found, (row) => toProductSales(row, currency)) };
    },
    async conversionReport(_, { input, interval }, { analytics }) {
      const rows = await analytics.funnel(requestOf(input), fromEnum(interval ?? 'DAY'));
      return {
        upToDateAt: (await analytics.upToDateAt()) ?? null,
        rows: rows.map((row) => ({ ...row, conversionPpm: row.cartsWithLines === 0 ? 0 : multiplyRatio(1_000_000, row.orders, row.cartsWithLines) })),
      };
    },
    async fraudReport(_, { input, interval }, { analytics }) {
      const rows = await analytics.funnel(requestOf(input), fromEnum(interval ?? 'DAY'));
      return { upToDateAt: (await analytics.upToDateAt()) ?? null, rows };
    },
    async customerCohorts(_, { input }, { analytics }) {
      const { currency } = input;
      const rows = await analytics.cohorts({ ...requestOf(input), currency });
      return { upToDateAt: (await analytics.upToDateAt()) ?? null, rows: rows.map((row) => ({ ...row, total: { amount: row.total, currency } })) };
    },
  },
  Mutation: {
    async analyticsRebuild(_, { input }, { analytics }) {
      try {
        await analytics.rebuild({ from: input.from, to: input.to }, textInput(input.actor, 'actor', MAX_ACTOR_LENGTH));
        return { __typename: 'AnalyticsRebuildPayload', workflowId: REBUILD_WORKFLOW_ID };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
} satisfies Resolvers;
