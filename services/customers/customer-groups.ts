import { checkCount, checkHandle, checkLine } from '../../domain/catalog/field-checks.ts';
import type { CustomerGroup, CustomerGroupStore } from '../../domain/customers/customer-group.ts';
import { DomainError, notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores, Work } from '../stores.ts';

/** What operators do with customer groups. Raises INVALID_INPUT naming the field, NOT_FOUND. */
export interface CustomerGroupDesk extends Pick<CustomerGroupStore, 'get' | 'list' | 'byIds' | 'members'> {
  /** Raises CONFLICT naming `code` when it is taken. */
  create(input: { code: string; name: string }, actor: string): Promise<CustomerGroup>;
  update(id: string, input: { name: string }, actor: string): Promise<CustomerGroup>;
  /** Who is in it already stays; tells how many came. At most 100 at a time. */
  addMembers(id: string, customerIds: readonly string[], actor: string): Promise<{ group: CustomerGroup; changed: number }>;
  /** Who is not in it is passed over; tells how many left. At most 100 at a time. */
  removeMembers(id: string, customerIds: readonly string[], actor: string): Promise<{ group: CustomerGroup; changed: number }>;
}

const MAX_NAME = 200;
const MAX_MEMBERS_AT_ONCE = 100;

/** Builds it over the stores. */
export function createCustomerGroupDesk({ work, newId }: { work: Work; newId: IdGenerator }): CustomerGroupDesk {
  const read = async (stores: Stores, id: string, field: string): Promise<CustomerGroup> => {
    const group = await stores.customerGroups.get(id);
    if (!group) throw notFound('The customer group', field);
    return group;
  };

  const changeMembers = async (
    id: string,
    customerIds: readonly string[],
    { actor, action }: { actor: string; action: string },
    change: (stores: Stores, ids: readonly string[]) => Promise<number>,
  ): Promise<{ group: CustomerGroup; changed: number }> => {
    checkCount(customerIds, 'customerIds', 1, MAX_MEMBERS_AT_ONCE);
    return work.transaction(async (stores) => {
      const group = await read(stores, id, 'groupId');
      const known = await stores.customerGroups.known(customerIds);
      customerIds.forEach((customerId, index) => {
        if (!known.has(customerId)) throw notFound('The customer', `customerIds.${index}`);
      });
      const changed = await change(stores, [...new Set(customerIds)]);
      await stores.audit.append({ actor, action, subjectId: id, detail: { customerIds } });
      return { group, changed };
    });
  };

  const { customerGroups } = work.stores;
  return {
    get: customerGroups.get,
    list: customerGroups.list,
    byIds: customerGroups.byIds,
    members: customerGroups.members,

    async create(input, actor) {
      const group = { id: newId('customerGroup'), code: checkHandle(input.code, 'code'), name: checkLine(input.name, 'name', MAX_NAME) };
      await work.transaction(async (stores) => {
        if (!(await stores.customerGroups.insert(group))) throw new DomainError('CONFLICT', 'This code is taken', 'code');
        await stores.audit.append({ actor, action: 'customer_group.create', subjectId: group.id, detail: { ...group } });
      });
      return group;
    },

    async update(id, input, actor) {
      const name = checkLine(input.name, 'name', MAX_NAME);
      return work.transaction(async (stores) => {
        if (!(await stores.customerGroups.rename(id, name))) throw notFound('The customer group', 'id');
        await stores.audit.append({ actor, action: 'customer_group.update', subjectId: id, detail: { name } });
        return read(stores, id, 'id');
      });
    },

    addMembers: (id, customerIds, actor) =>
      changeMembers(id, customerIds, { actor, action: 'customer_group.members_add' }, (stores, ids) => stores.customerGroups.addMembers(id, ids)),
    removeMembers: (id, customerIds, actor) =>
      changeMembers(id, customerIds, { actor, action: 'customer_group.members_remove' }, (stores, ids) => stores.customerGroups.removeMembers(id, ids)),
  };
}
