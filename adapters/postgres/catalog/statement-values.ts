/** Collects the values of a statement that is put together; `add` gives the placeholder. */
export interface StatementValues {
  readonly values: readonly unknown[];
  add(value: unknown): string;
}

export function statementValues(): StatementValues {
  const values: unknown[] = [];
  return { values, add: (value) => `$${values.push(value)}` };
}
