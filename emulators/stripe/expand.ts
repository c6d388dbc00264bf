import type { Account } from './account.ts';
import { badParameter } from './api-error.ts';
import { unixNow } from './ids.ts';
import { paymentMethodOf, testCard } from './test-cards.ts';

/** Refuses what the endpoint cannot expand, before anything is executed. */
export function checkExpand(asked: readonly string[], expandable: readonly string[]): void {
  for (const field of asked) {
    if (!expandable.includes(field))
      throw badParameter('parameter_invalid_string', 'expand', `This property cannot be expanded (${field}).`);
  }
}

function lookUp(account: Account, field: string, id: string): object | undefined {
  switch (field) {
    case 'latest_charge':
    case 'charge':
      return account.charges.get(id);
    case 'payment_intent':
      return account.intents.get(id);
    case 'balance_transaction':
      return account.balanceTransactions.get(id);
    case 'payment_method': {
      const card = testCard(id);
      return card && paymentMethodOf(id, card, unixNow());
    }
    default:
      return undefined;
  }
}

function expandPath(account: Account, value: object, path: readonly string[]): object {
  const [field, ...rest] = path;
  if (field === undefined) return value;
  const current: unknown = Reflect.get(value, field);
  if (Array.isArray(current)) return { ...value, [field]: current.map((item: object) => expandPath(account, item, rest)) };
  const found =
    typeof current === 'string'
      ? lookUp(account, field, current)
      : typeof current === 'object'
        ? (current ?? undefined)
        : undefined;
  return found === undefined ? value : { ...value, [field]: expandPath(account, found, rest) };
}

/** The answer with ids replaced by their objects, as `expand[]` asked. The stored objects stay as they are. */
export const expandAll = (account: Account, value: object, asked: readonly string[]): object =>
  asked.reduce((result, field) => expandPath(account, result, field.split('.')), value);
