import assert from 'node:assert/strict';
import type { TestStore } from '../support/store.ts';

/** What a command of operators answers: a member of its union, with the fields that tests look at. */
export interface Changed {
  readonly __typename: string;
  readonly code?: string;
  readonly field?: string | null;
  readonly product?: ShownProduct;
  readonly category?: { readonly id: string; readonly name: string; readonly position: number; readonly parent: { readonly handle: string } | null; readonly translations: readonly unknown[] };
  readonly attribute?: { readonly id: string; readonly name: string; readonly translations: readonly unknown[] };
  readonly channel?: { readonly id: string; readonly code: string; readonly currencies: readonly string[]; readonly defaultCurrency: string; readonly locales: readonly string[]; readonly defaultLocale: string | null };
  readonly customerGroup?: { readonly id: string; readonly code: string; readonly name: string };
  readonly changed?: number;
}

/** A product as operators see it. */
export interface ShownProduct {
  readonly id: string;
  readonly version: number;
  readonly channels: readonly string[];
  readonly customerGroups: readonly string[];
  readonly translations: readonly { readonly locale: string; readonly title: string | null; readonly description: string | null }[];
  readonly variants: readonly { readonly id: string }[];
}

const PRODUCT = 'id version channels customerGroups translations { locale title description } variants { id }';
const CATEGORY = 'id name position parent { handle } translations { locale name description }';
const ATTRIBUTE = 'id name translations { locale name labels { value label } }';
const CHANNEL = 'id code name currencies defaultCurrency pricesIncludeTax locales defaultLocale';
const GROUP = 'id code name';
const ANSWERS = {
  ProductResult: `... on ProductPayload { product { ${PRODUCT} } } ... on VersionMismatch { code }`,
  CategoryResult: `... on CategoryPayload { category { ${CATEGORY} } }`,
  AttributeResult: `... on AttributePayload { attribute { ${ATTRIBUTE} } }`,
  ChannelResult: `... on ChannelPayload { channel { ${CHANNEL} } }`,
  CustomerGroupResult: `... on CustomerGroupPayload { customerGroup { ${GROUP} } }`,
  CustomerGroupMembersResult: `... on CustomerGroupMembersPayload { customerGroup { ${GROUP} } changed }`,
} as const;

const COMMANDS = {
  productCreate: ['ProductCreateInput', 'ProductResult'],
  productUpdate: ['ProductUpdateInput', 'ProductResult'],
  productTranslationsSet: ['ProductTranslationsSetInput', 'ProductResult'],
  categoryCreate: ['CategoryCreateInput', 'CategoryResult'],
  categoryUpdate: ['CategoryUpdateInput', 'CategoryResult'],
  categoryTranslationsSet: ['CategoryTranslationsSetInput', 'CategoryResult'],
  attributeCreate: ['AttributeCreateInput', 'AttributeResult'],
  attributeUpdate: ['AttributeUpdateInput', 'AttributeResult'],
  attributeTranslationsSet: ['AttributeTranslationsSetInput', 'AttributeResult'],
  channelCreate: ['ChannelCreateInput', 'ChannelResult'],
  channelUpdate: ['ChannelUpdateInput', 'ChannelResult'],
  customerGroupCreate: ['CustomerGroupCreateInput', 'CustomerGroupResult'],
  customerGroupUpdate: ['CustomerGroupUpdateInput', 'CustomerGroupResult'],
  customerGroupMembersAdd: ['CustomerGroupMembersInput', 'CustomerGroupMembersResult'],
  customerGroupMembersRemove: ['CustomerGroupMembersInput', 'CustomerGroupMembersResult'],
} as const satisfies Record<string, readonly [input: string, result: keyof typeof ANSWERS]>;

/** Has an operator carry out a command. */
export async function command(store: TestStore, name: keyof typeof COMMANDS, input: Record<string, unknown>): Promise<Changed> {
  const [type, result] = COMMANDS[name];
  const query = `mutation C($input: ${type}!) { answer: ${name}(input: $input) { __typename ${ANSWERS[result]} ... on InputError { code field message } } }`;
  return (await store.admin<{ answer: Changed }>(query, { input })).answer;
}

/** The same, which must come off. */
export async function commanded(store: TestStore, name: keyof typeof COMMANDS, input: Record<string, unknown>): Promise<Changed> {
  const answer = await command(store, name, input);
  assert.match(answer.__typename, /Payload$/, JSON.stringify(answer));
  return answer;
}

/** An active product with one variant for 10.00 in both currencies; its handle is its SKU in lower case. */
export async function sell(store: TestStore, sku: string, more: Record<string, unknown> = {}): Promise<ShownProduct> {
  const prices = [{ currency: 'USD', amount: 1_000 }, { currency: 'EUR', amount: 900 }];
  const variants = [{ sku, prices, stock: [{ location: 'main', onHand: 100 }] }];
  const { product } = await commanded(store, 'productCreate', { handle: sku.toLowerCase(), title: sku, status: 'ACTIVE', variants, ...more });
  return product ?? assert.fail();
}
