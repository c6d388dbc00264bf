import type { Channel } from '../../../domain/catalog/channel.ts';
import type { ChannelInput } from '../../../domain/catalog/check-channel.ts';
import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import type { ChannelUpdateInput, Resolvers, ResolversTypes } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, textInput } from '../text-input.ts';

/** The channel as it is now, or why it was not changed. */
async function changed(change: () => Promise<Channel>): Promise<Awaited<ResolversTypes['ChannelResult']>> {
  try {
    return { __typename: 'ChannelPayload', channel: await change() };
  } catch (error) {
    return toInputError(error);
  }
}

const given = ({ name, currencies, defaultCurrency, locales, defaultLocale }: Omit<ChannelUpdateInput, 'id' | 'actor'>): ChannelInput => ({
  ...(name != null && { name }),
  ...(currencies != null && { currencies }),
  ...(defaultCurrency != null && { defaultCurrency }),
  ...(locales != null && { locales }),
  ...(defaultLocale != null && { defaultLocale }),
});

/** What operators do with channels. */
export const channelResolvers = {
  Query: {
    async channels(_, page, { channels }) {
      return toConnection(await channels.list(toPageRequest(page)), (channel) => channel);
    },
    channel: async (_, { id }, { channels }) => (await channels.get(id)) ?? null,
  },
  Mutation: {
    channelCreate: (_, { input }, { channels }) =>
      changed(async () => {
        const { code, name, currencies, pricesIncludeTax, orderPrefix } = input;
        const actor = textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);
        return channels.create({ ...given(input), ...{ code, name, currencies, pricesIncludeTax: pricesIncludeTax ?? false }, ...(orderPrefix != null && { orderPrefix }) }, actor);
      }),
    channelUpdate: (_, { input }, { channels }) =>
      changed(async () => channels.update(input.id, given(input), textInput(input.actor, 'actor', MAX_ACTOR_LENGTH))),
  },
} satisfies Resolvers;
