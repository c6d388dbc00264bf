import type { Page, PageRequest } from '../shared/page.ts';
import type { Attribute } from './attribute.ts';
import type { Audience } from './audience.ts';
import type {
  AttributeCreateInput,
  AttributeTranslationsSetInput,
  AttributeUpdateInput,
  CategoryCreateInput,
  CategoryTranslationsSetInput,
  CategoryUpdateInput,
  ProductCreateInput,
  ProductTranslationsSetInput,
  ProductUpdateInput,
  StockLevelSetInput,
  VariantCreateInput,
  VariantPricesSetInput,
  VariantStockPolicySetInput,
  VariantUpdateInput,
} from './catalog-input.ts';
import type { ProductKey } from './catalog-store.ts';
import type { Category } from './category.ts';
import type { Channel } from './channel.ts';
import type { ProductListRequest, ProductSelection, ProductView } from './product-query.ts';
import type { Product } from './product.ts';
import type { StockLevel, StockLocation } from './stock.ts';
import type { CategoryTranslation } from './translation.ts';

export interface ProductPage extends Page<Product> {
  /** Of all pages; only counted when asked for. */
  readonly totalCount: number | undefined;
}

/**
 * Reads and changes the catalog. Bad input raises INVALID_INPUT, a handle, SKU or code that is taken CONFLICT, both naming the
 * field by its path (`variants.0.prices.1.currency`); nothing is changed then. Changes give the thing as it is after them.
 */
export interface CatalogService {
  products(channel: Channel, request: ProductListRequest): Promise<ProductPage>;
  /** Undefined when there is none with that key, not in that status, or not for that audience. */
  product(key: ProductKey, selection: ProductSelection, view: ProductView): Promise<Product | undefined>;
  /** Those that are there, active and for the audience, by id. At most a page of them. */
  productsByIds(ids: readonly string[], selection: ProductSelection, audience: Audience): Promise<ReadonlyMap<string, Product>>;
  /** The top categories, linked with those below them. `locale`: whose words; null: the catalog's own. */
  categories(locale: string | null): Promise<readonly Category[]>;
  category(handle: string, locale: string | null): Promise<Category | undefined>;
  /** By id, each by locale. */
  categoryTranslations(categoryIds: readonly string[]): Promise<ReadonlyMap<string, readonly CategoryTranslation[]>>;
  attributes(page: PageRequest): Promise<Page<Attribute>>;
  stockLocations(): Promise<readonly StockLocation[]>;
  /** Raises NOT_FOUND for an unknown variant. */
  stockLevels(variantId: string): Promise<readonly StockLevel[]>;

  createProduct(input: ProductCreateInput): Promise<Product>;
  /** Raises VERSION_MISMATCH when it was changed since the version given. */
  updateProduct(input: ProductUpdateInput): Promise<Product>;
  /** Raises VERSION_MISMATCH as well. */
  setProductTranslations(input: ProductTranslationsSetInput): Promise<Product>;
  /** A value that an option of the product lacks is added to it. */
  createVariant(input: VariantCreateInput): Promise<Product>;
  updateVariant(input: VariantUpdateInput): Promise<Product>;
  setVariantPrices(input: VariantPricesSetInput): Promise<Product>;
  /** What happens when it is sold out. Raises CONFLICT when more is promised already than the limit allows. */
  setVariantStockPolicy(input: VariantStockPolicySetInput): Promise<Product>;
  /** Raises INVALID_INPUT naming `onHand` when it is less than what is already promised. */
  setStockLevel(input: StockLevelSetInput): Promise<StockLevel>;
  createCategory(input: CategoryCreateInput): Promise<Category>;
  /** Raises INVALID_INPUT naming `parent` when it is the category itself or below it. */
  updateCategory(input: CategoryUpdateInput): Promise<Category>;
  setCategoryTranslations(input: CategoryTranslationsSetInput): Promise<Category>;
  createAttribute(input: AttributeCreateInput): Promise<Attribute>;
  updateAttribute(input: AttributeUpdateInput): Promise<Attribute>;
  setAttributeTranslations(input: AttributeTranslationsSetInput): Promise<Attribute>;
}
