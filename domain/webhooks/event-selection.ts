import { isRecord } from './event-path.ts';

/** The fields of the payload that are sent: what a GraphQL selection set says, as a plain tree. */
export type EventSelection = readonly SelectedField[];

export interface SelectedField {
  /** What it is called in what is sent. */
  readonly as: string;
  readonly name: string;
  /** Null: all of it. */
  readonly fields: EventSelection | null;
}

/** The bounds of one selection. */
export const SELECTION_LIMITS = { depth: 10, fields: 200, length: 10_000 } as const;

/**
 * The fields that were selected, in their order. What is not there is null, and so are the fields of something that has none;
 * of lists each item is taken.
 */
export function selectFields(value: unknown, selection: EventSelection): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => selectFields(item, selection));
  if (!isRecord(value)) return null;
  return Object.fromEntries(
    selection.map(({ as, name, fields }) => {
      const found = Object.hasOwn(value, name) ? value[name] : null;
      return [as, fields === null ? (found ?? null) : selectFields(found, fields)];
    }),
  );
}
