import assert from 'node:assert/strict';
import type { ReadyCart, TestStore } from '../support/store.ts';

/** A gift card or store credit as the admin API shows it. */
export interface AdminAccount {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly last4: string | null;
  readonly balance: { readonly amount: number; readonly currency: string };
  readonly held: { readonly amount: number };
  readonly available: { readonly amount: number };
  readonly entries: {
    readonly nodes: {
      readonly kind: string;
      readonly balanceDelta: { readonly amount: number };
      readonly heldDelta: { readonly amount: number };
      readonly actor: string | null;
    }[];
  };
}

/** What a command on an account answers: a member of its union. */
export interface AccountAnswer {
  readonly __typename: string;
  readonly account?: AdminAccount;
  readonly giftCardCode?: string;
  readonly code?: string;
  readonly field?: string;
  readonly message?: string;
}

/** What a change of the cart answers. */
export interface CartAnswer {
  readonly __typename: string;
  readonly cart?: {
    readonly version: number;
    readonly totals: { readonly total: { readonly amount: number } };
    readonly storedValue: {
      readonly accountId: string;
      readonly kind: string;
      readonly last4: string | null;
      readonly amount: { readonly amount: number };
    }[];
    readonly amountDue: { readonly amount: number; readonly currency: string };
  };
  readonly code?: string;
  readonly field?: string;
}

const ACCOUNT = `id kind status last4 balance { amount currency } held { amount } available { amount }
  entries(first: 100) { nodes { kind balanceDelta { amount } heldDelta { amount } actor } }`;
const ACCOUNT_ANSWER = `__typename ... on StoredValuePayload { account { ${ACCOUNT} } } ... on InputError { code field message }`;
const CART = `__typename
  ... on CartPayload {
    cart { version totals { total { amount } } storedValue { accountId kind last4 amount { amount } } amountDue { amount currency } }
  }
  ... on InputError { code field } ... on VersionMismatch { code }`;

export const GIFT_CARD_ISSUE = `mutation Issue($input: GiftCardIssueInput!) {
  answer: giftCardIssue(input: $input) {
    __typename ... on GiftCardIssuePayload { giftCardCode account { ${ACCOUNT} } } ... on InputError { code field message }
  }
}`;

const command = (name: string, input: string, answer: string): string =>
  `mutation C($input: ${input}!) { answer: ${name}(input: $input) { ${answer} } }`;
const ADMIN_COMMANDS = {
  credit: command('storeCreditIssue', 'StoreCreditIssueInput', ACCOUNT_ANSWER),
  adjust: command('storedValueAdjust', 'StoredValueAdjustInput', ACCOUNT_ANSWER),
  disable: command('storedValueDisable', 'StoredValueStatusInput', ACCOUNT_ANSWER),
  enable: command('storedValueEnable', 'StoredValueStatusInput', ACCOUNT_ANSWER),
} as const;
const CART_COMMANDS = {
  apply: command('cartGiftCardApply', 'CartGiftCardInput', CART),
  remove: command('cartStoredValueRemove', 'CartStoredValueInput', CART),
} as const;

/** Gives an operator's command on an account; `actor` and `reason` are filled in. */
export async function onAccount(
  store: TestStore,
  name: keyof typeof ADMIN_COMMANDS,
  input: Readonly<Record<string, unknown>>,
): Promise<AccountAnswer> {
  const { answer } = await store.admin<{ answer: AccountAnswer }>(ADMIN_COMMANDS[name], {
    input: { actor: 'operator', reason: 'goodwill', ...input },
  });
  return answer;
}

/** Issues a gift card of this many cents, and tells its code. */
export async function issueCard(
  store: TestStore,
  amount: number,
  input: Readonly<Record<string, unknown>> = {},
): Promise<{ id: string; code: string }> {
  const { answer } = await store.admin<{ answer: AccountAnswer }>(GIFT_CARD_ISSUE, {
    input: { amount: { amount, currency: 'USD' }, actor: 'operator', ...input },
  });
  assert.ok(answer.account && answer.giftCardCode, JSON.stringify(answer));
  return { id: answer.account.id, code: answer.giftCardCode };
}

export async function readAccount(store: TestStore, id: string): Promise<AdminAccount> {
  const { account } = await store.admin<{ account: AdminAccount }>(
    `query A($id: ID!) { account: storedValueAccount(id: $id) { ${ACCOUNT} } }`,
    { id },
  );
  return account;
}

/** What can be spent and what is held. */
export async function balanceOf(store: TestStore, id: string): Promise<{ available: number; held: number }> {
  const { available, held } = await readAccount(store, id);
  return { available: available.amount, held: held.amount };
}

/** A change of a cart; `shopper` decides the network that it comes from. */
export async function onCart(
  store: TestStore,
  name: keyof typeof CART_COMMANDS,
  cart: Pick<ReadyCart, 'token' | 'shopper'>,
  input: Readonly<Record<string, unknown>>,
): Promise<CartAnswer> {
  const { answer } = await store.query<{ answer: CartAnswer }>(
    CART_COMMANDS[name],
    { input: { token: cart.token, ...input } },
    { shopper: cart.shopper },
  );
  return answer;
}

/** Applies a gift card to a cart that it must be good for, and tells the cart as it is then. */
export async function applyCard(
  store: TestStore,
  cart: Pick<ReadyCart, 'token' | 'shopper'>,
  code: string,
): Promise<NonNullable<CartAnswer['cart']>> {
  const answer = await onCart(store, 'apply', cart, { code });
  assert.ok(answer.cart, JSON.stringify(answer));
  return answer.cart;
}
