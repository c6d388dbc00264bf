/** Fields of an event's payload, as far as they are what they should be. */
export interface PayloadReader {
  text(field: string): string | null;
  /** A whole number. */
  amount(field: string): number | null;
  instant(field: string): Date | null;
  /** Only http and https: it becomes a link. */
  url(field: string): string | null;
  /** Units of order lines. */
  units(field: string): readonly { readonly orderLineId: string; readonly quantity: number }[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const WEB_ADDRESS = /^https?:\/\/[^\s<>"'\\]+$/i;

/** The address if a browser may safely be sent there, else null. */
export const webAddress = (value: unknown): string | null =>
  typeof value === 'string' && WEB_ADDRESS.test(value) ? value : null;

/** Reads what was written as JSON. */
export function readPayload(payload: unknown): PayloadReader {
  const fields = isRecord(payload) ? payload : {};
  const text = (field: string): string | null => {
    const value = fields[field];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    text,
    amount(field) {
      const value = fields[field];
      return Number.isSafeInteger(value) ? Number(value) : null;
    },
    instant(field) {
      const at = new Date(text(field) ?? Number.NaN);
      return Number.isNaN(at.getTime()) ? null : at;
    },
    url: (field) => webAddress(fields[field]),
    units(field) {
      const value = fields[field];
      if (!Array.isArray(value)) return [];
      return value.flatMap((unit: unknown) =>
        isRecord(unit) && typeof unit['orderLineId'] === 'string' && typeof unit['quantity'] === 'number'
          ? [{ orderLineId: unit['orderLineId'], quantity: unit['quantity'] }]
          : [],
      );
    },
  };
}
