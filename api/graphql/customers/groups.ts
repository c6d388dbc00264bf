import type { CustomerGroup } from '../../../domain/customers/customer-group.ts';
import { toInputError } from '../../errors.ts';
import { batched } from '../batched.ts';
import { toConnection, toPageRequest } from '../connection.ts';
import type { Resolvers, ResolversTypes } from '../generated/admin.ts';
import { MAX_ACTOR_LENGTH, textInput } from '../text-input.ts';

/** The group as it is now, or why it was not changed. */
async function changed(change: () => Promise<CustomerGroup>): Promise<Awaited<ResolversTypes['CustomerGroupResult']>> {
  try {
    return { __typename: 'CustomerGroupPayload', customerGroup: await change() };
  } catch (error) {
    return toInputError(error);
  }
}

async function membersChanged(change: () => Promise<{ group: CustomerGroup; changed: number }>): Promise<Awaited<ResolversTypes['CustomerGroupMembersResult']>> {
  try {
    const { group, changed: count } = await change();
    return { __typename: 'CustomerGroupMembersPayload', customerGroup: group, changed: count };
  } catch (error) {
    return toInputError(error);
  }
}

const actorOf = ({ actor }: { actor: string }): string => textInput(actor, 'actor', MAX_ACTOR_LENGTH);

const groupOf = batched(async (ids, { customerGroups }) => new Map((await customerGroups.byIds(ids)).map((group) => [group.id, group])));

/** What operators do with customer groups. */
export const customerGroupResolvers = {
  Query: {
    async customerGroups(_, page, { customerGroups }) {
      return toConnection(await customerGroups.list(toPageRequest(page)), (group) => group);
    },
    customerGroup: async (_, { id }, { customerGroups }) => (await customerGroups.get(id)) ?? null,
  },
  Mutation: {
    customerGroupCreate: (_, { input }, { customerGroups }) =>
      changed(async () => customerGroups.create({ code: input.code, name: input.name }, actorOf(input))),
    customerGroupUpdate: (_, { input }, { customerGroups }) =>
      changed(async () => customerGroups.update(input.id, { name: input.name }, actorOf(input))),
    customerGroupMembersAdd: (_, { input }, { customerGroups }) =>
      membersChanged(async () => customerGroups.addMembers(input.groupId, input.customerIds, actorOf(input))),
    customerGroupMembersRemove: (_, { input }, { customerGroups }) =>
      membersChanged(async () => customerGroups.removeMembers(input.groupId, input.customerIds, actorOf(input))),
  },
  Customer: {
    async groups({ groupIds }, _, context) {
      const groups = await Promise.all(groupIds.map((id) => groupOf(id, context)));
      return groups.flatMap((group) => group ?? []).sort((a, b) => (a.code < b.code ? -1 : 1));
    },
  },
  CustomerGroup: {
    async members({ id }, page, { customerGroups }) {
      return toConnection(await customerGroups.members(id, toPageRequest(page)), (customer) => customer);
    },
  },
} satisfies Resolvers;
