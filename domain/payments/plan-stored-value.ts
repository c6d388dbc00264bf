import { availableOn, type StoredValueAccount, type StoredValueKind } from './stored-value.ts';

/** What one account pays of a total. Minor units. */
export interface StoredValueShare {
  readonly accountId: string;
  readonly kind: StoredValueKind;
  readonly codeLast4: string | null;
  readonly amount: number;
}

/** What the applied accounts pay of a total, in their order, each as much as it can; nothing when it is over, empty or in another currency. */
export function planStoredValue(accounts: readonly StoredValueAccount[], total: { amount: number; currency: string }, now: Date): StoredValueShare[] {
  let left = total.amount;
  return accounts.map((account) => {
    const amount = account.currency === total.currency ? Math.min(left, availableOn(account, now)) : 0;
    left -= amount;
    return { accountId: account.id, kind: account.kind, codeLast4: account.codeLast4, amount };
  });
}
