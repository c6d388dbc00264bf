import { toInputError } from '../../errors.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import type { Resolvers } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, textInput } from '../text-input.ts';

const DEFAULT_TTL_SECONDS = 3_600;

/** What operators and storefronts' own servers do with customers. */
export const customerResolvers = {
  Query: {
    async customers(_, { email, ...page }, { customers }) {
      return toConnection(await customers.list(toPageRequest(page), email == null ? {} : { email }), (customer) => customer);
    },
    customer: async (_, { id }, { customers }) => (await customers.get(id)) ?? null,
  },
  Mutation: {
    async customerCreate(_, { input }, { customers }) {
      try {
        const actor = textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);
        return { __typename: 'CustomerPayload', customer: await customers.create({ email: input.email, actor }) };
      } catch (error) {
        return toInputError(error);
      }
    },
    async customerSessionCreate(_, { input }, { customers, requestKey }) {
      try {
        const actor = textInput(input.actor, 'actor', MAX_ACTOR_LENGTH);
        // A secret is told once and kept nowhere: whoever asks again gets another one.
        if (requestKey) requestKey.keepAnswer = false;
        const session = await customers.openSession(input.customerId, { ttlSeconds: input.ttlSeconds ?? DEFAULT_TTL_SECONDS, actor });
        return { __typename: 'CustomerSessionPayload', ...session };
      } catch (error) {
        return toInputError(error);
      }
    },
    async customerSessionsRevoke(_, { input }, { customers }) {
      try {
        const revoked = await customers.closeSessions(input.customerId, textInput(input.actor, 'actor', MAX_ACTOR_LENGTH));
        return { __typename: 'CustomerSessionsRevokePayload', revoked };
      } catch (error) {
        return toInputError(error);
      }
    },
  },
} satisfies Resolvers;
