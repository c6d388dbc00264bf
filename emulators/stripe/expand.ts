import type { Account } from './account.ts';
import { badParameter } from './api-error.ts';
import { lookUpMethod, showMethod } from './payment-methods.ts';

/** Refuses what the endpoint cannot expand, before anything is executed. */
export function checkExpand(asked: readonly string[], expandable: readonly string[]): void {
  for (const field of asked) {
    if (!expandable.includes(field))
      throw badParameter('parameter_invalid_string', 'expand', `This property cannot be expanded (${field}).`);
  }
}

/** The object of an id; test names are payment methods, too. */
function lookUp(account: Account, id: string): object | undefined {
  const method = lookUpMethod(account, id);
  if (method) return showMethod(method);
  const kinds = [
    account.charges,
    account.intents,
    account.balanceTransactions,
    account.refunds,
    account.disputes,
    account.customers,
  ];
  for (const kind of kinds) {
    const value = kind.get(id);
    if (value) return value;
  }
  return undefined;
}

function expandPath(account: Account, value: object, path: readonly string[]): object {
  const [field, ...rest] = path;
  if (field === undefined) return value;
  const current: unknown = Reflect.get(value, field);
  if (Array.isArray(current)) return { ...value, [field]: current.map((item: object) => expandPath(account, item, rest)) };
  const found =
    typeof current === 'string' ? lookUp(account, current) : typeof current === 'object' ? (current ?? undefined) : undefined;
  return found === undefined ? value : { ...value, [field]: expandPath(account, found, rest) };
}

/** The answer with ids replaced by their objects, as `expand[]` asked. The stored objects stay as they are. */
export const expandAll = (account: Account, value: object, asked: readonly string[]): object =>
  asked.reduce((result, field) => expandPath(account, result, field.split('.')), value);
