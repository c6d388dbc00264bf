import { reindexWorkflowId } from '../../../temporal/contracts/search.ts';
import type { EngineStanding, SearchDesk } from '../../../services/search/search-desk.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Resolvers, ResolversTypes, SearchEngineStanding } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, textInput } from '../text-input.ts';

const toStanding = ({ engine, rebuild, ...standing }: EngineStanding): SearchEngineStanding => ({
  ...standing,
  engine: toEnum(engine),
  rebuild: rebuild ? { ...rebuild, phase: toEnum(rebuild.phase) } : null,
});

const actorOf = (input: { actor: string }): string => textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);

/** The engines after a command, or why it was refused. */
async function commanded(desk: SearchDesk, command: () => Promise<void>): Promise<Awaited<ResolversTypes['SearchEngineResult']>> {
  try {
    await command();
    return { __typename: 'SearchEnginePayload', engines: (await desk.engines()).map(toStanding) };
  } catch (error) {
    return toInputError(error);
  }
}

/** What operators do with search. */
export const searchResolvers = {
  Query: {
    searchEngines: async (_, _args, { searchDesk }) => (await searchDesk.engines()).map(toStanding),
    searchMeanings: (_, _args, { meanings }) => meanings.standing(),
  },
  SearchMeanings: {
    refusals: async (_, page, { meanings }) => toConnection(await meanings.refusals(toPageRequest(page)), ({ id, ...refusal }) => ({ productId: id, ...refusal })),
  },
  Mutation: {
    async searchReindex(_, { input }, { searchDesk }) {
      try {
        const engine = fromEnum(input.engine);
        const name = await searchDesk.reindex(engine, { dryRun: input.dryRun ?? false, mendOnly: input.mendOnly ?? false, pauseMs: input.pauseMs ?? 0, actor: actorOf(input) });
        return { __typename: 'SearchReindexPayload', name, workflowId: reindexWorkflowId(engine) };
      } catch (error) {
        return toInputError(error);
      }
    },
    searchReindexCancel: (_, { input }, { searchDesk }) => commanded(searchDesk, () => searchDesk.cancel(fromEnum(input.engine), actorOf(input))),
    searchReindexPace: (_, { input }, { searchDesk }) => commanded(searchDesk, () => searchDesk.pace(fromEnum(input.engine), input.pauseMs, actorOf(input))),
    async searchMeaningsRetry(_, { input }, { meanings }) {
      try {
        return { __typename: 'SearchMeaningsRetryPayload', retried: await meanings.retry(input.productIds ?? null, actorOf(input)) };
      } catch (error) {
        return toInputError(error);
      }
    },
    searchRollBack: (_, { input }, { searchDesk }) => commanded(searchDesk, () => searchDesk.rollBack(fromEnum(input.engine), input.name, actorOf(input))),
  },
} satisfies Resolvers;
