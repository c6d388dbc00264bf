import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import type { Category } from '../../domain/catalog/category.ts';
import type { CatalogVocabulary } from '../../domain/catalog/drafts.ts';

/** Reads what input refers to; of what is not wanted the vocabulary is empty. */
export async function loadVocabulary(
  store: CatalogStore,
  wanted: { categories?: boolean; attributeCodes?: readonly string[]; locations?: boolean; currencies?: readonly string[] },
): Promise<CatalogVocabulary> {
  const { categories = false, attributeCodes = [], locations = false, currencies = [] } = wanted;
  const storable = attributeCodes.filter((code) => !code.includes('\0'));
  const [tree, attributes, places] = await Promise.all([
    categories ? store.categories() : undefined,
    storable.length === 0 ? [] : store.attributesByCode(storable),
    locations ? store.stockLocations() : [],
  ]);
  return {
    categoryIds: new Map(tree?.roots.flatMap(withDescendants).map(({ handle, id }) => [handle, id])),
    attributes: new Map(attributes.map((attribute) => [attribute.code, attribute])),
    locationIds: new Map(places.map(({ code, id }) => [code, id])),
    currencies,
  };
}

const withDescendants = (category: Category): Category[] => [category, ...category.children.flatMap(withDescendants)];
