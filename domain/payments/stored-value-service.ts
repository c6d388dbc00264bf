import type { Money } from '../shared/money.ts';
import type { Page, PageRequest } from '../shared/page.ts';
import type { StoredValueAccount, StoredValueEntry, StoredValueKind } from './stored-value.ts';

interface Command {
  readonly reason?: string;
  readonly actor: string;
}

/** What operators do with gift cards and store credit. Each command is audited; raises INVALID_INPUT naming the field. */
export interface StoredValueService {
  get(accountId: string): Promise<StoredValueAccount | undefined>;
  list(page: PageRequest, filter: { kind?: StoredValueKind; status?: StoredValueAccount['status'] }): Promise<Page<StoredValueAccount>>;
  entries(accountId: string, page: PageRequest): Promise<Page<StoredValueEntry>>;
  /** The code is told here and never again, but to who repeats the same command with its `commandId`. Raises IDEMPOTENCY_KEY_REUSED. */
  issueGiftCard(command: Command & { commandId?: string; amount: Money; expiresAt: Date | null }): Promise<{ account: StoredValueAccount; code: string }>;
  issueStoreCredit(command: Command & { email: string; customerId: string | null; amount: Money; reason: string; reference: string }): Promise<StoredValueAccount>;
  /** Raises NOT_FOUND, and INVALID_TRANSITION when the account does not have so much. `amount` in minor units. */
  adjust(command: Command & { accountId: string; amount: number; reason: string; reference: string }): Promise<StoredValueAccount>;
  setStatus(command: Command & { accountId: string; status: StoredValueAccount['status'] }): Promise<StoredValueAccount>;
}
