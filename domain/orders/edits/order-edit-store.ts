import type { AllocationStrategy } from '../../catalog/rank-locations.ts';
import type { Page, PageRequest } from '../../shared/page.ts';
import type { EditedOrder } from './apply-edit.ts';
import type { EditChange } from './edit-change.ts';
import type { EditableOrder, EditCatalog } from './editable-order.ts';
import type { OrderEdit } from './order-edit.ts';

/** What a committed edit came to, minor units. */
export interface EditResult {
  readonly difference: number;
  readonly refundedValue: number;
  readonly credit: number;
  readonly refundId: string | null;
  readonly actor: string;
}

/** Where edits are kept, and what they are reckoned by. */
export interface OrderEditStore {
  /** False when the order has an open edit. */
  begin(edit: Pick<OrderEdit, 'id' | 'orderId' | 'baseVersion' | 'createdBy' | 'note'>): Promise<boolean>;
  /** Writes an edit that is committed as it is made, beside one that may be open; `commit` notes what it came to. */
  record(edit: Pick<OrderEdit, 'id' | 'orderId' | 'baseVersion' | 'createdBy' | 'note' | 'changes'>): Promise<void>;
  get(editId: string): Promise<OrderEdit | undefined>;
  /** Locks the edit until the transaction ends. */
  lock(editId: string): Promise<OrderEdit | undefined>;
  /** Newest first. */
  list(page: PageRequest, filter: { orderId?: string; status?: OrderEdit['status'] }): Promise<Page<OrderEdit>>;
  /** Replaces the changes of an open edit. */
  stage(editId: string, changes: readonly EditChange[]): Promise<void>;
  /** The changes are for this version of the order from now on. */
  rebase(editId: string, baseVersion: number): Promise<void>;
  discard(editId: string): Promise<void>;
  commit(editId: string, result: EditResult): Promise<void>;
  /** What the order's committed edits came to together, minor units. */
  committedOf(orderId: string): Promise<{ refundedValue: number; credit: number }>;
  /** The order as edits are reckoned by it. */
  editable(orderId: string): Promise<EditableOrder | undefined>;
  /** What the changes need to know of the store. */
  catalogFor(order: EditableOrder, changes: readonly EditChange[]): Promise<EditCatalog>;
  /** Writes the order as it was edited; its version is raised by the command. */
  rewrite(orderId: string, edited: EditedOrder): Promise<void>;
  /** How stock is allocated to the order, and units of these items that other orders wait for. */
  allocationRules(orderId: string, inventoryItemIds: readonly string[]): Promise<{ strategy: AllocationStrategy; owed: ReadonlyMap<string, number> }>;
}
