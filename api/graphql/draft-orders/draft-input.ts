import type { DraftLineInput, DraftOrderChanges } from '../../../domain/checkout/draft-order-desk.ts';
import type { DraftLineInput as GraphqlLine, DraftOrderUpdateInput } from '../generated/admin.ts';
import { MAX_NOTE_LENGTH, optionalTextInput, textInput } from '../text-input.ts';

const MAX_LOCALE_LENGTH = 35;
const MAX_CODE_LENGTH = 100;

function toLine({ variantId, quantity, unitAmount, reason }: GraphqlLine, index: number): DraftLineInput {
  const why = optionalTextInput(reason, `lines.${index}.reason`, MAX_NOTE_LENGTH);
  return { variantId, quantity, ...(unitAmount != null && { unitAmount }), ...(why !== undefined && { reason: why }) };
}

const emptiable = (value: string | null, field: string, maxLength: number): string | null =>
  optionalTextInput(value, field, maxLength) ?? null;

/** What is to change: what was left out stays, null takes away where that can be. Raises INVALID_INPUT naming the field. */
export function toChanges(input: Omit<DraftOrderUpdateInput, 'id' | 'version' | 'actor'>): DraftOrderChanges {
  const {
    email,
    locale,
    customerId,
    shippingAddress,
    billingAddress,
    shippingMethodId,
    shippingAmount,
    promotionCode,
    discount,
    note,
    expiresAt,
    lines,
  } = input;
  return {
    ...(email != null && { email }),
    ...(locale != null && { locale: textInput(locale, 'locale', MAX_LOCALE_LENGTH) }),
    ...(customerId !== undefined && { customerId }),
    ...(shippingAddress != null && { shippingAddress }),
    ...(billingAddress != null && { billingAddress }),
    ...(shippingMethodId != null && { shippingMethodId }),
    ...(shippingAmount !== undefined && { shippingAmount }),
    ...(promotionCode !== undefined && { promotionCode: emptiable(promotionCode, 'promotionCode', MAX_CODE_LENGTH) }),
    ...(discount !== undefined && {
      discount: discount && { amount: discount.amount, reason: textInput(discount.reason, 'discount.reason', MAX_NOTE_LENGTH) },
    }),
    ...(note !== undefined && { note: emptiable(note, 'note', MAX_NOTE_LENGTH) }),
    ...(expiresAt != null && { expiresAt }),
    ...(lines != null && { lines: lines.map(toLine) }),
  };
}
