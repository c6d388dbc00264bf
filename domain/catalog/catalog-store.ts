import type { PageRequest, Page } from '../shared/page.ts';
import type { NewEvent } from '../webhooks/outbox-store.ts';
import type { Attribute, AttributeContent } from './attribute.ts';
import type { CategoryTree } from './category.ts';
import type { Channel } from './channel.ts';
import type { AttributeDraft, CategoryDraft, ImageDraft, PriceDraft, ProductDraft, VariantDraft } from './drafts.ts';
import type { ProductCriteria, ProductOrder, ProductPosition, ProductSelection, ProductView } from './product-query.ts';
import type { Product, ProductStatus, StockPolicy } from './product.ts';
import type { StockLevel, StockLocation } from './stock.ts';
import type { StockLevelSnapshot } from './stock.ts';
import type { AttributeTranslation, CategoryTranslation, ProductTranslation } from './translation.ts';

/** Which slice of a listing: after and before these places, in the listing's order. */
export interface ProductSlice {
  readonly criteria: ProductCriteria;
  readonly order: ProductOrder;
  readonly after?: ProductPosition;
  readonly before?: ProductPosition;
  /** From the slice's end, not its beginning. */
  readonly fromEnd: boolean;
  readonly limit: number;
}

/** `sku`: of one of its variants. */
export type ProductKey = { readonly id: string } | { readonly handle: string } | { readonly sku: string };

/** Reads the catalog, and changes it in transactions. */
export interface CatalogStore {
  /** In the listing's order, also when taken from its end. */
  products(slice: ProductSlice, selection: ProductSelection): Promise<readonly { product: Product; position: ProductPosition }[]>;
  countProducts(criteria: ProductCriteria): Promise<number>;
  product(key: ProductKey, selection: ProductSelection, view: ProductView): Promise<Product | undefined>;
  /** In the words of a locale; null: in the catalog's own. */
  categories(locale: string | null): Promise<CategoryTree>;
  /** By id, each by locale. */
  categoryTranslations(categoryIds: readonly string[]): Promise<ReadonlyMap<string, readonly CategoryTranslation[]>>;
  /** The first that was made is the first. */
  channels(): Promise<readonly Channel[]>;
  /** Of those codes that there are. */
  customerGroupIds(codes: readonly string[]): Promise<ReadonlyMap<string, string>>;
  attributesByCode(codes: readonly string[]): Promise<readonly Attribute[]>;
  /** Newest first. */
  attributes(page: PageRequest): Promise<Page<Attribute>>;
  stockLocations(): Promise<readonly StockLocation[]>;
  /** Of all items that the variant is made of; undefined when there is no such variant. */
  stockLevels(variantId: string): Promise<readonly StockLevel[] | undefined>;
  transaction<T>(work: (changes: CatalogChanges) => Promise<T>): Promise<T>;
}

/** What a change may replace; what is left out stays. */
export interface ProductChange {
  readonly handle?: string;
  readonly title?: string;
  readonly description?: string;
  readonly status?: ProductStatus;
}

export interface VariantChange {
  readonly sku?: string;
  readonly title?: string;
  readonly taxCategory?: string;
  readonly weightGrams?: number;
  readonly trackInventory?: boolean;
  readonly active?: boolean;
}

/** An option value that a variant stands for. */
export interface OptionValueRef {
  readonly optionId: string;
  readonly value: string;
}

/** Changes inside one transaction. A handle, SKU or code that is taken raises CONFLICT naming `handle`, `sku` or `code`. */
export interface CatalogChanges {
  /** Locks the product until the transaction ends. */
  lockProduct(
    key: { readonly id: string } | { readonly variantId: string },
  ): Promise<{ id: string; version: number } | undefined>;
  /** As it is in this transaction. */
  readProduct(id: string, selection: ProductSelection): Promise<Product | undefined>;
  /** With version 1; nothing of its lists. */
  insertProduct(id: string, draft: Pick<ProductDraft, 'handle' | 'title' | 'description' | 'status'>): Promise<void>;
  /** Raises the version and gives it. */
  updateProduct(id: string, change: ProductChange): Promise<number>;
  replaceChannels(productId: string, channelIds: readonly string[]): Promise<void>;
  replaceCustomerGroups(productId: string, groupIds: readonly string[]): Promise<void>;
  /** Sets the words of these locales; one without any word is removed. */
  setProductTranslations(productId: string, translations: readonly ProductTranslation[]): Promise<void>;
  replaceCategories(productId: string, categoryIds: readonly string[]): Promise<void>;
  replaceAttributes(productId: string, values: readonly { attributeId: string; value: AttributeContent }[]): Promise<void>;
  replaceImages(productId: string, images: readonly (ImageDraft & { id: string })[]): Promise<void>;
  insertOption(productId: string, option: { id: string; name: string; position: number }): Promise<void>;
  /** Adds values that the option lacks, in the order given. */
  addOptionValues(optionId: string, values: readonly { id: string; value: string }[]): Promise<void>;
  /** After the product's other variants, with an inventory item of its own. Its option values must be there. */
  insertVariant(
    variant: { id: string; productId: string; inventoryItemId: string; options: readonly OptionValueRef[] },
    draft: Omit<VariantDraft, 'prices' | 'stock' | 'selectedOptions'>,
  ): Promise<void>;
  updateVariant(id: string, change: VariantChange): Promise<void>;
  /** Also the limit of what may be promised of the items that the variant is made of. */
  setStockPolicy(variantId: string, policy: { stockPolicy: StockPolicy; availableFrom: Date | null; backorderLimit: number | null }): Promise<void>;
  setPrice(id: string, variantId: string, price: PriceDraft): Promise<void>;
  removePrice(variantId: string, currency: string): Promise<void>;
  /** The items that a unit of the variant takes; undefined when there is no such variant. */
  inventoryItems(variantId: string): Promise<readonly string[] | undefined>;
  /** Locks the level of an item at a location until the transaction ends; it is made, empty, when there was none. */
  lockStockLevel(key: { newId: string; inventoryItemId: string; locationId: string }): Promise<LockedStockLevel>;
  /** Changes the level and writes its ledger row. */
  moveStock(movement: StockMovement): Promise<void>;
  /** As it is in this transaction. */
  stockLevel(levelId: string): Promise<StockLevelSnapshot>;
  insertCategory(id: string, draft: CategoryDraft): Promise<void>;
  /** All of them in the catalog's own words, none of which anybody else changes until the transaction ends. */
  lockCategories(): Promise<CategoryTree>;
  updateCategory(id: string, draft: Omit<CategoryDraft, 'handle'>): Promise<void>;
  categoryTranslations(categoryId: string): Promise<readonly CategoryTranslation[]>;
  setCategoryTranslations(categoryId: string, translations: readonly CategoryTranslation[]): Promise<void>;
  insertAttribute(id: string, draft: AttributeDraft): Promise<void>;
  /** Locks the attribute until the transaction ends. */
  lockAttribute(id: string): Promise<Attribute | undefined>;
  /** As it is in this transaction. */
  readAttribute(id: string): Promise<Attribute>;
  renameAttribute(id: string, name: string): Promise<void>;
  setAttributeTranslations(attributeId: string, translations: readonly AttributeTranslation[]): Promise<void>;
  appendEvent(event: NewEvent): Promise<void>;
}

export interface LockedStockLevel {
  readonly id: string;
  readonly onHand: number;
  readonly allocated: number;
  readonly held: number;
  /** It has no movement yet. */
  readonly isNew: boolean;
}

export interface StockMovement {
  readonly levelId: string;
  readonly kind: 'receipt' | 'adjustment';
  readonly onHandDelta: number;
  /** One movement of a kind for each reference. */
  readonly referenceId: string;
  readonly reason: string | null;
}
