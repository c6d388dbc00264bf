import type { CommandHandler } from './command-handler.ts';

/** Replaces the order's tags. */
export const setTags: CommandHandler<'set_tags'> = async (_, { tags }) => {
  const unique = [...new Set(tags)].sort();
  return { change: { tags: unique }, detail: { tags: unique } };
};
