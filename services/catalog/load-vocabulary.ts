import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import type { Category } from '../../domain/catalog/category.ts';
import type { CatalogVocabulary } from '../../domain/catalog/drafts.ts';

/** Reads what input refers to; of what is not wanted the vocabulary is empty. */
export async function loadVocabulary(
  store: CatalogStore,
  wanted: { categories?: boolean; attributeCodes?: readonly string[]; locations?: boolean; channels?: boolean; customerGroupCodes?: readonly string[] },
): Promise<CatalogVocabulary> {
  const { categories = false, locations = false, channels = false } = wanted;
  const [attributeCodes, groupCodes] = [wanted.attributeCodes, wanted.customerGroupCodes].map((codes = []) => codes.filter((code) => !code.includes('\0')));
  const [tree, attributes, places, soldIn, groups] = await Promise.all([
    categories ? store.categories(null) : undefined,
    attributeCodes?.length ? store.attributesByCode(attributeCodes) : [],
    locations ? store.stockLocations() : [],
    channels ? store.channels() : [],
    groupCodes?.length ? store.customerGroupIds(groupCodes) : new Map<string, string>(),
  ]);
  return {
    categoryIds: new Map(tree?.roots.flatMap(withDescendants).map(({ handle, id }) => [handle, id])),
    attributes: new Map(attributes.map((attribute) => [attribute.code, attribute])),
    locationIds: new Map(places.map(({ code, id }) => [code, id])),
    currencies: [...new Set(soldIn.flatMap(({ currencies }) => currencies))],
    channelIds: new Map(soldIn.map(({ code, id }) => [code, id])),
    customerGroupIds: groups,
  };
}

const withDescendants = (category: Category): Category[] => [category, ...category.children.flatMap(withDescendants)];
