import type { TimelineEntry } from '../../../domain/orders/timeline.ts';
import { notFound } from '../../../domain/shared/errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { toEnum } from '../enum-names.ts';
import type { Resolvers, TimelineEntry as GraphqlEntry } from '../generated/admin.ts';

const toEntry = ({ amount, source, detail, ...entry }: TimelineEntry, currency: string): GraphqlEntry => ({
  ...entry,
  source: toEnum(source),
  amount: amount === null ? null : { amount, currency },
  detail: JSON.stringify(detail),
});

/** What happened to an order. */
export const timelineResolvers = {
  Order: {
    async timeline({ id, totals }, page, { timeline }) {
      if (id === undefined) throw notFound('The order');
      const currency = totals?.total?.currency ?? '';
      return toConnection(await timeline.ofOrder(id, toPageRequest(page)), (entry) => toEntry(entry, currency));
    },
  },
} satisfies Resolvers;
