import { invalid } from '../shared/errors.ts';

/** The most lines a cart may have. */
export const MAX_LINES = 100;

/** The most units a line may have. */
export const MAX_QUANTITY = 1_000;

/**
 * Checks the quantity of a line and returns it. Throws `INVALID_INPUT` naming `field`.
 * @param minimum 0 where zero removes the line
 */
export function validateQuantity(value: number, field: string, minimum: 0 | 1 = 1): number {
  if (!Number.isInteger(value) || value < minimum || value > MAX_QUANTITY) {
    throw invalid(field, `Must be a whole number from ${minimum} to ${MAX_QUANTITY}`);
  }
  return value;
}
