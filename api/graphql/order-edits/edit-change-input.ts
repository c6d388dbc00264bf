import { invalid } from '../../../domain/shared/errors.ts';
import type { EditChangeInput } from '../../../services/orders/edits/order-edit-service.ts';
import { toAddressInput } from '../address-input.ts';
import type { OrderEditChangeInput, OrderEditDiscountInput } from '../generated/admin.ts';
import { MAX_NOTE_LENGTH, textInput } from '../text-input.ts';

function discountOf({ orderLineId, amount, percentPpm, reason }: OrderEditDiscountInput, field: string): EditChangeInput {
  if ((amount == null) === (percentPpm == null)) throw invalid(`${field}.amount`, 'Give either amount or percentPpm');
  return {
    kind: 'add_discount',
    ...(orderLineId == null ? {} : { orderLineId }),
    off: amount == null ? { percentPpm: percentPpm ?? 0 } : { amount },
    reason: textInput(reason, `${field}.reason`, MAX_NOTE_LENGTH),
  };
}

/** One change of an edit, as the domain names it. Raises INVALID_INPUT unless exactly one is given. */
export function toChange(input: OrderEditChangeInput, index: number): EditChangeInput {
  const field = `changes.${index}`;
  const { setQuantity, addLine, setShipping, discount, shippingAddress, billingAddress, email } = input;
  const given: EditChangeInput[] = [];
  if (setQuantity != null) given.push({ kind: 'set_quantity', ...setQuantity });
  if (addLine != null) {
    const { variantId, quantity, unitAmount } = addLine;
    given.push({ kind: 'add_line', variantId, quantity, ...(unitAmount == null ? {} : { unitAmount }) });
  }
  if (setShipping != null) {
    const { shippingMethodId, amount } = setShipping;
    if (shippingMethodId == null && amount == null) throw invalid(`${field}.shippingMethodId`, 'Give a shipping method, an amount, or both');
    given.push({ kind: 'set_shipping', ...(shippingMethodId == null ? {} : { shippingMethodId }), ...(amount == null ? {} : { amount }) });
  }
  if (discount != null) given.push(discountOf(discount, field));
  if (shippingAddress != null) given.push({ kind: 'set_shipping_address', address: toAddressInput(shippingAddress) });
  if (billingAddress != null) given.push({ kind: 'set_billing_address', address: toAddressInput(billingAddress) });
  if (email != null) given.push({ kind: 'set_email', email });
  const [change] = given;
  if (change === undefined || given.length !== 1) throw invalid(field, 'Give exactly one change');
  return change;
}
