import { validateAddress } from '../../../domain/checkout/address.ts';
import type { AddressInput } from '../../../domain/checkout/cart-service.ts';
import type { EditedOrder } from '../../../domain/orders/edits/apply-edit.ts';
import { MAX_CHANGES, type AddLine, type EditChange, type SetAddress } from '../../../domain/orders/edits/edit-change.ts';
import type { EditableOrder } from '../../../domain/orders/edits/editable-order.ts';
import type { OrderEdit } from '../../../domain/orders/edits/order-edit.ts';
import type { Settlement } from '../../../domain/orders/edits/settle-difference.ts';
import type { OrderHead } from '../../../domain/orders/order-store.ts';
import { normalizeEmail } from '../../../domain/shared/email.ts';
import { DomainError, invalid, notFound, VersionMismatchError } from '../../../domain/shared/errors.ts';
import type { IdGenerator } from '../../../domain/shared/ids.ts';
import type { Page, PageRequest } from '../../../domain/shared/page.ts';
import type { Stores, Work } from '../../stores.ts';
import { requirePlaced } from '../commands/require-placed.ts';
import { planEdit } from './carry-out-edit.ts';

/** A change as it comes from outside: addresses and e-mail not yet validated, new lines without their id. */
export type EditChangeInput =
  | Exclude<EditChange, AddLine | SetAddress>
  | Omit<AddLine, 'lineId'>
  | { readonly kind: SetAddress['kind']; readonly address: AddressInput };

/** What an edit would make of the order if it were committed now. */
export interface EditPreview {
  readonly edit: OrderEdit;
  readonly before: EditableOrder;
  readonly after: EditedOrder;
  readonly settlement: Settlement;
}

/** What operators do with an edit before they commit it. Raises NOT_FOUND, INVALID_INPUT, INVALID_TRANSITION, VersionMismatchError. */
export interface OrderEditService {
  /** Raises CONFLICT when somebody else's edit of the order is open. */
  begin(orderId: string, request: { version: number; actor: string; note?: string }): Promise<OrderEdit>;
  /** Replaces the edit's changes, checked by a preview; allocates and charges nothing. */
  stage(editId: string, changes: readonly EditChangeInput[], actor: string): Promise<EditPreview>;
  /** `rebase`: the order has changed since, and the edit shall hold for it as it is now. */
  preview(editId: string, options: { waive?: boolean; rebase?: boolean }): Promise<EditPreview>;
  /** Discarding twice discards once. */
  discard(editId: string, actor: string): Promise<OrderEdit>;
  get(editId: string): Promise<OrderEdit | undefined>;
  list(page: PageRequest, filter: { orderId?: string; status?: OrderEdit['status'] }): Promise<Page<OrderEdit>>;
}

/** Builds the use cases of edits over the stores. */
export function createOrderEditService(deps: { work: Work; newId: IdGenerator }): OrderEditService {
  const { work, newId } = deps;

  function parse(change: EditChangeInput, field: string): EditChange {
    switch (change.kind) {
      case 'add_line':
        return { ...change, lineId: newId('orderLine') };
      case 'set_shipping_address':
      case 'set_billing_address':
        return { kind: change.kind, address: validateAddress(change.address, `${field}.address`) };
      case 'set_email':
        return { kind: 'set_email', email: normalizeEmail(change.email, `${field}.email`) };
      default:
        return change;
    }
  }

  async function lockOrder(stores: Stores, orderId: string): Promise<OrderHead> {
    const order = await stores.orders.lock(orderId);
    if (!order) throw notFound('The order', 'orderId');
    return order;
  }

  /** The open edit and its order, both locked: the order first, as everywhere. */
  async function lockOpen(stores: Stores, editId: string): Promise<{ edit: OrderEdit; order: OrderHead }> {
    const seen = await stores.orderEdits.get(editId);
    if (!seen) throw notFound('The edit', 'editId');
    const order = await lockOrder(stores, seen.orderId);
    const edit = await stores.orderEdits.lock(editId);
    if (!edit) throw notFound('The edit', 'editId');
    if (edit.status !== 'open') throw new DomainError('INVALID_TRANSITION', `The edit is ${edit.status}`, 'editId');
    return { edit, order };
  }

  async function previewOf(stores: Stores, edit: OrderEdit, waive = false): Promise<EditPreview> {
    const { before, edited, settlement } = await planEdit(stores, edit.orderId, edit.changes, { waive });
    return { edit, before, after: edited, settlement };
  }

  return {
    begin: (orderId, { version, actor, note }) =>
      work.transaction(async (stores) => {
        const order = await lockOrder(stores, orderId);
        requirePlaced(order);
        if (order.version !== version) throw new VersionMismatchError(order.version);
        const id = newId('orderEdit');
        const begun = await stores.orderEdits.begin({ id, orderId, baseVersion: version, createdBy: actor, note: note ?? null });
        if (!begun) throw new DomainError('CONFLICT', 'The order is being edited: commit or discard the open edit first', 'orderId');
        await stores.audit.append({ actor, action: 'order.edit.begin', subjectId: orderId, detail: { editId: id } });
        const edit = await stores.orderEdits.get(id);
        if (!edit) throw new Error(`Edit ${id} was written and not found`);
        return edit;
      }),

    stage: (editId, changes, actor) =>
      work.transaction(async (stores) => {
        if (changes.length > MAX_CHANGES) throw invalid('changes', `At most ${MAX_CHANGES}`);
        const parsed = changes.map((change, index) => parse(change, `changes.${index}`));
        const { edit, order } = await lockOpen(stores, editId);
        if (edit.baseVersion !== order.version) throw new VersionMismatchError(order.version);
        // What cannot be reckoned is not kept.
        const preview = await previewOf(stores, { ...edit, changes: parsed });
        await stores.orderEdits.stage(editId, parsed);
        await stores.audit.append({ actor, action: 'order.edit.stage', subjectId: edit.orderId, detail: { editId, changes: parsed.map(({ kind }) => kind) } });
        return preview;
      }),

    preview: (editId, { waive = false, rebase = false }) =>
      work.transaction(async (stores) => {
        const { edit, order } = await lockOpen(stores, editId);
        if (edit.baseVersion === order.version) return previewOf(stores, edit, waive);
        if (!rebase) throw new VersionMismatchError(order.version);
        const preview = await previewOf(stores, { ...edit, baseVersion: order.version }, waive);
        await stores.orderEdits.rebase(editId, order.version);
        return preview;
      }),

    discard: (editId, actor) =>
      work.transaction(async (stores) => {
        const seen = await stores.orderEdits.get(editId);
        if (seen?.status === 'discarded') return seen;
        const { edit } = await lockOpen(stores, editId);
        await stores.orderEdits.discard(editId);
        await stores.audit.append({ actor, action: 'order.edit.discard', subjectId: edit.orderId, detail: { editId } });
        return { ...edit, status: 'discarded' };
      }),

    get: (editId) => work.stores.orderEdits.get(editId),
    list: (page, filter) => work.stores.orderEdits.list(page, filter),
  };
}
