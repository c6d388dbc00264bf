import { invalid } from '../shared/errors.ts';
import { MAX_AMOUNT } from '../shared/money.ts';
import { ATTRIBUTE_TYPES, checkAttributeValue, type Attribute, type AttributeContent, type AttributeType } from './attribute.ts';
import type {
  AttributeCreateInput,
  AttributeValueInput,
  CategoryCreateInput,
  CategoryUpdateInput,
  NewVariantInput,
  Optional,
  ProductCreateInput,
  ProductImageInput,
  ProductOptionInput,
  ProductUpdateInput,
  VariantPriceInput,
  VariantStockInput,
  VariantUpdateInput,
} from './catalog-input.ts';
import type { ProductChange, VariantChange } from './catalog-store.ts';
import type { Category, CategoryTree } from './category.ts';
import { checkCount, checkEach, checkHandle, checkInteger, checkLine, checkOneOf, checkText } from './field-checks.ts';
import { PRODUCT_STATUSES, type ProductStatus, type SelectedOption } from './product.ts';
import { MAX_ON_HAND } from './stock.ts';

/** What input may refer to. */
export interface CatalogVocabulary {
  /** By code. */
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Ids by handle. */
  readonly categoryIds: ReadonlyMap<string, string>;
  /** Ids by code. */
  readonly locationIds: ReadonlyMap<string, string>;
  /** Of all channels. */
  readonly currencies: readonly string[];
  /** Ids by code. */
  readonly channelIds: ReadonlyMap<string, string>;
  /** Ids by code. */
  readonly customerGroupIds: ReadonlyMap<string, string>;
}

/** A new product, checked. */
export interface ProductDraft extends ProductLists {
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly status: ProductStatus;
  readonly options: readonly OptionDraft[];
  readonly variants: readonly VariantDraft[];
}

/** The lists of a product that are replaced as a whole. */
export interface ProductLists {
  readonly categoryIds: readonly string[];
  readonly channelIds: readonly string[];
  readonly customerGroupIds: readonly string[];
  readonly attributes: readonly { readonly attributeId: string; readonly value: AttributeContent }[];
  readonly images: readonly ImageDraft[];
}

export interface ImageDraft {
  readonly url: string;
  readonly alt: string;
}

export interface OptionDraft {
  readonly name: string;
  readonly values: readonly string[];
}

export interface VariantDraft {
  readonly sku: string;
  readonly title: string;
  readonly selectedOptions: readonly SelectedOption[];
  readonly prices: readonly PriceDraft[];
  readonly stock: readonly { readonly locationId: string; readonly onHand: number }[];
  readonly taxCategory: string;
  readonly weightGrams: number | null;
  readonly trackInventory: boolean;
}

/** Minor units. */
export interface PriceDraft {
  readonly currency: string;
  readonly amount: number;
  readonly compareAtAmount: number | null;
}

export interface CategoryDraft {
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  readonly parentId: string | null;
  readonly position: number;
}

export type AttributeDraft = Omit<Attribute, 'id' | 'translations'>;

/** What tax rates are kept for. */
export const TAX_CATEGORIES = ['standard', 'reduced', 'exempt'] as const;

export const MAX_TITLE = 200;
export const MAX_DESCRIPTION = 10_000;
const MAX_SKU = 64;
export const MAX_OPTION_TEXT = 100;
const MAX_OPTIONS = 5;
const MAX_VALUES = 200;
const MAX_VARIANTS = 200;
const MAX_IMAGES = 50;
const MAX_REFERENCES = 100;
const MAX_URL = 2_000;
const MAX_WEIGHT_GRAMS = 100_000_000;
const MAX_POSITION = 1_000_000;
const ATTRIBUTE_CODE = /^[a-z][a-z0-9_]{0,62}$/;
/** A path on this server, or an absolute web address. */
const IMAGE_URL = /^(\/(?!\/)|https?:\/\/[^/\s])\S*$/;

const given = <T>(value: Optional<T>): value is T => value !== null && value !== undefined;

/** A new product with its variants. Raises INVALID_INPUT naming the field. */
export function checkNewProduct(input: ProductCreateInput, vocabulary: CatalogVocabulary): ProductDraft {
  const title = checkLine(input.title, 'title', MAX_TITLE);
  const options = checkOptions(input.options ?? []);
  checkCount(input.variants, 'variants', 1, MAX_VARIANTS);
  const variants = checkEach(
    input.variants,
    'variants',
    (variant, path) => checkNewVariant(variant, `${path}.`, { options, productTitle: title, vocabulary, newValues: false }),
    ({ sku }) => sku,
    'sku',
  );
  checkDistinctChoices(variants.map(({ selectedOptions }) => selectedOptions));
  return {
    handle: checkHandle(input.handle, 'handle'),
    title,
    description: checkText(input.description ?? '', 'description', MAX_DESCRIPTION),
    status: checkOneOf(input.status ?? 'draft', PRODUCT_STATUSES, 'status'),
    categoryIds: checkNames(input.categories ?? [], 'categories', vocabulary.categoryIds, 'category'),
    channelIds: checkNames(input.channels ?? [], 'channels', vocabulary.channelIds, 'channel'),
    customerGroupIds: checkNames(input.customerGroups ?? [], 'customerGroups', vocabulary.customerGroupIds, 'customer group'),
    attributes: checkAttributes(input.attributes ?? [], vocabulary),
    images: checkImages(input.images ?? [], title),
    options,
    variants,
  };
}

/** The columns and lists that a change replaces. Raises INVALID_INPUT naming the field. */
export function checkProductChange(
  input: ProductUpdateInput,
  vocabulary: CatalogVocabulary,
): { change: ProductChange; lists: Partial<ProductLists> } {
  return {
    change: {
      ...(given(input.handle) && { handle: checkHandle(input.handle, 'handle') }),
      ...(given(input.title) && { title: checkLine(input.title, 'title', MAX_TITLE) }),
      ...(given(input.description) && { description: checkText(input.description, 'description', MAX_DESCRIPTION) }),
      ...(given(input.status) && { status: checkOneOf(input.status, PRODUCT_STATUSES, 'status') }),
    },
    lists: {
      ...(given(input.categories) && { categoryIds: checkNames(input.categories, 'categories', vocabulary.categoryIds, 'category') }),
      ...(given(input.channels) && { channelIds: checkNames(input.channels, 'channels', vocabulary.channelIds, 'channel') }),
      ...(given(input.customerGroups) && {
        customerGroupIds: checkNames(input.customerGroups, 'customerGroups', vocabulary.customerGroupIds, 'customer group'),
      }),
      ...(given(input.attributes) && { attributes: checkAttributes(input.attributes, vocabulary) }),
      ...(given(input.images) && { images: checkImages(input.images, '') }),
    },
  };
}

/**
 * A new variant of a product with these options. `newValues`: whether it may bring a value that an option lacks.
 * `path` goes before each field: `variants.0.`.
 */
export function checkNewVariant(
  input: NewVariantInput,
  path: string,
  product: { options: readonly OptionDraft[]; productTitle: string; vocabulary: CatalogVocabulary; newValues: boolean },
): VariantDraft {
  const { options, productTitle, vocabulary, newValues } = product;
  const selectedOptions = checkSelectedOptions(input.selectedOptions ?? [], `${path}selectedOptions`, options, newValues);
  const defaultTitle = selectedOptions.length === 0 ? productTitle : selectedOptions.map(({ value }) => value).join(' / ');
  return {
    sku: checkLine(input.sku, `${path}sku`, MAX_SKU),
    title: given(input.title) ? checkLine(input.title, `${path}title`, MAX_TITLE) : defaultTitle.slice(0, MAX_TITLE),
    selectedOptions,
    prices: checkPrices(input.prices, `${path}prices`, vocabulary.currencies).map((price, index) => {
      if (price.amount === null) throw invalid(`${path}prices.${index}.amount`, 'Must be given');
      return { ...price, amount: price.amount };
    }),
    stock: checkStock(input.stock ?? [], `${path}stock`, vocabulary),
    taxCategory: checkOneOf(input.taxCategory ?? 'standard', TAX_CATEGORIES, `${path}taxCategory`),
    weightGrams: given(input.weightGrams) ? checkInteger(input.weightGrams, `${path}weightGrams`, 0, MAX_WEIGHT_GRAMS) : null,
    trackInventory: input.trackInventory ?? true,
  };
}

/** Refuses two variants that a shopper could not tell apart. An entry is one variant's choice, in the order of the options. */
export function checkDistinctChoices(
  choices: readonly (readonly SelectedOption[])[],
  fieldOf = (index: number) => `variants.${index}.selectedOptions`,
): void {
  const seen = new Set<string>();
  choices.forEach((choice, index) => {
    const key = JSON.stringify(choice.map(({ name, value }) => [name, value]));
    if (seen.has(key)) throw invalid(fieldOf(index), 'Another variant of the product has the same options');
    seen.add(key);
  });
}

export function checkVariantChange(input: VariantUpdateInput): VariantChange {
  return {
    ...(given(input.sku) && { sku: checkLine(input.sku, 'sku', MAX_SKU) }),
    ...(given(input.title) && { title: checkLine(input.title, 'title', MAX_TITLE) }),
    ...(given(input.taxCategory) && { taxCategory: checkOneOf(input.taxCategory, TAX_CATEGORIES, 'taxCategory') }),
    ...(given(input.weightGrams) && { weightGrams: checkInteger(input.weightGrams, 'weightGrams', 0, MAX_WEIGHT_GRAMS) }),
    ...(given(input.trackInventory) && { trackInventory: input.trackInventory }),
    ...(given(input.active) && { active: input.active }),
  };
}

/** Prices of one variant, a currency each; an amount of null stands for none. */
export function checkPrices(
  input: readonly VariantPriceInput[],
  field: string,
  currencies: readonly string[],
): { currency: string; amount: number | null; compareAtAmount: number | null }[] {
  return checkEach(
    input,
    field,
    ({ currency, amount, compareAtAmount }, path) => {
      checkOneOf(currency, currencies, `${path}.currency`);
      if (given(amount)) checkInteger(amount, `${path}.amount`, 0, MAX_AMOUNT);
      if (given(compareAtAmount)) {
        checkInteger(compareAtAmount, `${path}.compareAtAmount`, 0, MAX_AMOUNT);
        if (!given(amount) || compareAtAmount <= amount) throw invalid(`${path}.compareAtAmount`, 'Must be more than the price');
      }
      return { currency, amount: amount ?? null, compareAtAmount: compareAtAmount ?? null };
    },
    ({ currency }) => currency,
    'currency',
  );
}

export function checkNewCategory(
  input: CategoryCreateInput,
  { categoryIds }: Pick<CatalogVocabulary, 'categoryIds'>,
): CategoryDraft {
  return {
    handle: checkHandle(input.handle, 'handle'),
    name: checkLine(input.name, 'name', MAX_TITLE),
    description: checkText(input.description ?? '', 'description', MAX_DESCRIPTION),
    parentId: given(input.parent) ? idOf(input.parent, categoryIds, 'parent', 'category') : null,
    position: checkInteger(input.position ?? 0, 'position', 0, MAX_POSITION),
  };
}

/** What a change of a category leaves it as. Raises INVALID_INPUT naming the field. */
export function checkCategoryChange(input: CategoryUpdateInput, present: Category, tree: CategoryTree): Omit<CategoryDraft, 'handle'> {
  return {
    name: given(input.name) ? checkLine(input.name, 'name', MAX_TITLE) : present.name,
    description: given(input.description) ? checkText(input.description, 'description', MAX_DESCRIPTION) : present.description,
    parentId: input.parent === undefined ? (present.parent?.id ?? null) : input.parent === null ? null : checkParent(input.parent, present, tree),
    position: given(input.position) ? checkInteger(input.position, 'position', 0, MAX_POSITION) : present.position,
  };
}

/** A category is above another one that is neither itself nor below it. */
function checkParent(handle: string, category: Category, tree: CategoryTree): string {
  const parent = tree.findByHandle(handle);
  if (!parent) throw invalid('parent', 'There is no such category');
  for (let above: Category | null = parent; above !== null; above = above.parent) {
    if (above.id === category.id) throw invalid('parent', 'Must not be the category itself or below it');
  }
  return parent.id;
}

export function checkNewAttribute(input: AttributeCreateInput): AttributeDraft {
  if (!ATTRIBUTE_CODE.test(input.code))
    throw invalid('code', 'Must be a lower-case letter, then letters, digits and underscores, at most 63 characters');
  const type = checkOneOf(input.type, ATTRIBUTE_TYPES, 'type');
  if (given(input.unit) && type !== 'number') throw invalid('unit', 'Only a number has a unit');
  return {
    code: input.code,
    name: checkLine(input.name, 'name', MAX_TITLE),
    type,
    unit: given(input.unit) ? checkLine(input.unit, 'unit', MAX_OPTION_TEXT) : null,
    options: checkAttributeOptions(type, input.options ?? []),
  };
}

function checkAttributeOptions(type: AttributeType, options: readonly string[]): string[] {
  const chosen = type === 'select' || type === 'multiselect';
  if (!chosen && options.length > 0) throw invalid('options', 'Only a select or multiselect has options');
  if (chosen) checkCount(options, 'options', 1, MAX_VALUES);
  return checkEach(
    options,
    'options',
    (option, path) => checkLine(option, path, MAX_OPTION_TEXT),
    (option) => option,
  );
}

const checkOptions = (input: readonly ProductOptionInput[]): OptionDraft[] => {
  checkCount(input, 'options', 0, MAX_OPTIONS);
  return checkEach(
    input,
    'options',
    ({ name, values }, path) => {
      checkCount(values, `${path}.values`, 1, MAX_VALUES);
      const checkedValues = checkEach(
        values,
        `${path}.values`,
        (value, at) => checkLine(value, at, MAX_OPTION_TEXT),
        (value) => value,
      );
      return { name: checkLine(name, `${path}.name`, MAX_OPTION_TEXT), values: checkedValues };
    },
    ({ name }) => name,
    'name',
  );
};

/** One value for each option of the product, in the order of the options. */
function checkSelectedOptions(
  input: readonly SelectedOption[],
  field: string,
  options: readonly OptionDraft[],
  newValues: boolean,
): SelectedOption[] {
  const chosen = checkEach(
    input,
    field,
    ({ name, value }, path) => {
      const option = options.find((candidate) => candidate.name === name);
      if (!option) throw invalid(`${path}.name`, `The product has no option of this name`);
      const text = checkLine(value, `${path}.value`, MAX_OPTION_TEXT);
      if (newValues ? !option.values.includes(text) && option.values.length >= MAX_VALUES : !option.values.includes(text)) {
        throw invalid(
          `${path}.value`,
          newValues ? `The option has ${MAX_VALUES} values already` : `Must be one of: ${option.values.join(', ')}`,
        );
      }
      return { name, value: text };
    },
    ({ name }) => name,
    'name',
  );
  return options.map(({ name }) => {
    const selected = chosen.find((candidate) => candidate.name === name);
    if (!selected) throw invalid(field, `Must name a value of ${name}`);
    return selected;
  });
}

const checkStock = (
  input: readonly VariantStockInput[],
  field: string,
  { locationIds }: CatalogVocabulary,
): { locationId: string; onHand: number }[] =>
  checkEach(
    input,
    field,
    ({ location, onHand }, path) => ({
      locationId: idOf(location, locationIds, `${path}.location`, 'stock location'),
      onHand: checkInteger(onHand, `${path}.onHand`, 0, MAX_ON_HAND),
    }),
    ({ locationId }) => locationId,
    'location',
  );

/** The ids of what is named by handles or codes. */
function checkNames(names: readonly string[], field: string, ids: ReadonlyMap<string, string>, what: string): string[] {
  checkCount(names, field, 0, MAX_REFERENCES);
  return checkEach(
    names,
    field,
    (name, path) => idOf(name, ids, path, what),
    (id) => id,
  );
}

function checkAttributes(
  input: readonly AttributeValueInput[],
  { attributes }: CatalogVocabulary,
): { attributeId: string; value: AttributeContent }[] {
  checkCount(input, 'attributes', 0, MAX_REFERENCES);
  return checkEach(
    input,
    'attributes',
    ({ code, value }, path) => {
      const attribute = attributes.get(code);
      if (!attribute) throw invalid(`${path}.code`, 'There is no such attribute');
      return { attributeId: attribute.id, value: checkAttributeValue(attribute, value, `${path}.value`) };
    },
    ({ attributeId }) => attributeId,
    'code',
  );
}

function checkImages(input: readonly ProductImageInput[], title: string): ImageDraft[] {
  checkCount(input, 'images', 0, MAX_IMAGES);
  return input.map(({ url, alt }, index) => {
    const field = `images.${index}.url`;
    if (url.length > MAX_URL || !IMAGE_URL.test(url))
      throw invalid(field, 'Must be a path beginning with / or an http(s) address');
    return { url, alt: checkText(alt ?? title, `images.${index}.alt`, MAX_TITLE) };
  });
}

function idOf(name: string, ids: ReadonlyMap<string, string>, field: string, what: string): string {
  const id = ids.get(name);
  if (id === undefined) throw invalid(field, `There is no such ${what}`);
  return id;
}
