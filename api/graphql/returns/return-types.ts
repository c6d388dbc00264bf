import type { Condition, OrderReturn, ReturnReason } from '../../../domain/orders/returns/return.ts';
import type { ReturnSettlement as DomainSettlement } from '../../../domain/orders/returns/return-settlement.ts';
import { invalid } from '../../../domain/shared/errors.ts';
import type { ReturnOptions as Options } from '../../../services/orders/returns/return-desk.ts';
import { fromEnum, toEnum } from '../enum-names.ts';
import type { Return, ReturnSettlement } from '../generated/admin.ts';
import type { ReturnLineInput, ReturnOptions, WantedUnitsInput } from '../generated/storefront.ts';

const MAX_LINES = 100;

export const toSettlement = (sums: Pick<DomainSettlement, 'value' | 'shippingRefund' | 'restockingFee' | 'labelFee' | 'amount'>, currency: string): ReturnSettlement => ({
  value: { amount: sums.value, currency },
  shippingRefund: { amount: sums.shippingRefund, currency },
  restockingFee: { amount: sums.restockingFee, currency },
  labelFee: { amount: sums.labelFee, currency },
  amount: { amount: sums.amount, currency },
});

/** A return as both schemas show it, with what only the admin schema has a field for. */
export const toReturn = (subject: OrderReturn): Return => ({
  ...subject,
  kind: toEnum(subject.kind),
  status: toEnum(subject.status),
  outcome: subject.outcome && toEnum(subject.outcome),
  lines: subject.lines.map(({ reason, ...line }) => ({ ...line, reason: toEnum<ReturnReason>(reason) })),
  units: subject.lines.flatMap(({ orderLineId, units }) =>
    units.map(({ condition, ...counts }) => ({ ...counts, orderLineId, condition: toEnum<Condition>(condition) })),
  ),
  settlement: subject.settlement && toSettlement(subject.settlement, subject.currency),
});

export const toReturnOptions = ({ until, lines }: Options): ReturnOptions => ({
  until: until ?? null,
  lines: lines.map(({ orderLineId, back, claim }) => ({
    orderLineId,
    quantity: back.units,
    claimableQuantity: claim.units,
    refusal: back.refusal === undefined ? null : toEnum(back.refusal),
  })),
});

/** Raises INVALID_INPUT when there are too many. */
export function linesInput(lines: readonly ReturnLineInput[]): { orderLineId: string; quantity: number; reason: ReturnReason }[] {
  if (lines.length > MAX_LINES) throw invalid('lines', `At most ${MAX_LINES}`);
  return lines.map(({ orderLineId, quantity, reason }) => ({ orderLineId, quantity, reason: fromEnum(reason) }));
}

/** Raises INVALID_INPUT naming the field. */
export function wantedInput(wanted: readonly WantedUnitsInput[] | null | undefined): { variantId: string; quantity: number }[] {
  const units = wanted ?? [];
  if (units.length > MAX_LINES) throw invalid('wanted', `At most ${MAX_LINES}`);
  units.forEach(({ quantity }, index) => {
    if (!Number.isSafeInteger(quantity) || quantity < 1) throw invalid(`wanted.${index}.quantity`, 'Must be 1 or more');
  });
  return units.map(({ variantId, quantity }) => ({ variantId, quantity }));
}
