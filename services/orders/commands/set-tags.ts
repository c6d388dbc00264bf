import { tellOfOrder } from '../tell-of-order.ts';
import type { CommandHandler } from './command-handler.ts';

/** Replaces the order's tags. */
export const setTags: CommandHandler<'set_tags'> = async ({ stores, newId, order }, { tags, actor }) => {
  const unique = [...new Set(tags)].sort();
  await tellOfOrder(stores, newId, 'order.tags_changed', order.id, { payload: { tags: unique, actor } });
  return { change: { tags: unique }, detail: { tags: unique } };
};
