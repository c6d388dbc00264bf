import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Stores } from '../stores.ts';

/** Store credit that a customer gets. `key`: the same key credits once. */
export interface Credit {
  readonly key: string;
  readonly owner: { readonly emailKey: string; readonly customerId: string | null };
  readonly currency: string;
  /** Minor units. */
  readonly amount: number;
  readonly kind: 'issue' | 'refund';
  readonly reason: string;
  readonly referenceId: string;
  readonly actor?: string;
}

/** Adds to the customer's store credit, which is made when there is none; tells the account's id. Part of the caller's transaction. */
export async function creditCustomer(stores: Stores, newId: IdGenerator, credit: Credit): Promise<string> {
  const { key, owner, currency, amount, kind, reason, referenceId, actor } = credit;
  const account = await stores.storedValue.ofOwner(newId('storedValueAccount'), owner, currency);
  await stores.storedValue.move({
    accountId: account.id,
    kind,
    balanceDelta: amount,
    key: `${key}/credit`,
    referenceId,
    reason,
    ...(actor === undefined ? {} : { actor }),
  });
  return account.id;
}
