/** Collects the values of a statement that is put together; `add` gives the placeholder. */
export interface StatementValues {
  readonly values: readonly unknown[];
  add(value: unknown): string;
}

/** `given`: what the statement has as $1, $2 and so on already. */
export function statementValues(given: readonly unknown[] = []): StatementValues {
  const values: unknown[] = [...given];
  return { values, add: (value) => `$${values.push(value)}` };
}
