import type { CatalogService } from '../../domain/catalog/catalog-service.ts';
import type { CatalogChanges, CatalogStore } from '../../domain/catalog/catalog-store.ts';
import type { Category, CategoryTree } from '../../domain/catalog/category.ts';
import { checkCategoryTranslations } from '../../domain/catalog/check-translations.ts';
import { checkCategoryChange, checkNewCategory } from '../../domain/catalog/drafts.ts';
import { notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { loadLocales } from './load-locales.ts';
import { loadVocabulary } from './load-vocabulary.ts';

/** Adding and changing categories. Products that bear a changed one are indexed anew by the database itself. */
export function createCategoryChanges(deps: {
  store: CatalogStore;
  newId: IdGenerator;
  ownLocale: string;
}): Pick<CatalogService, 'createCategory' | 'updateCategory' | 'setCategoryTranslations'> {
  const { store, newId, ownLocale } = deps;

  async function read(id: string): Promise<Category> {
    const category = (await store.categories(null)).find(id);
    if (!category) throw notFound('The category');
    return category;
  }

  /** One transaction, with its event. */
  async function change(id: string, field: string, apply: (changes: CatalogChanges, present: Category, tree: CategoryTree) => Promise<void>): Promise<Category> {
    await store.transaction(async (changes) => {
      const tree = await changes.lockCategories();
      const present = tree.find(id);
      if (!present) throw notFound('The category', field);
      await apply(changes, present, tree);
      const { handle, name, description, parent, position } = (await changes.lockCategories()).find(id) ?? present;
      const translations = await changes.categoryTranslations(id);
      const payload = { categoryId: id, handle, name, description, parentId: parent?.id ?? null, position, translations };
      await changes.appendEvent({ id: newId('event'), type: 'category.updated', aggregateId: id, payload });
    });
    return read(id);
  }

  return {
    async createCategory(input) {
      const draft = checkNewCategory(input, await loadVocabulary(store, { categories: input.parent != null }));
      const id = newId('category');
      const { handle, name, description, parentId } = draft;
      await store.transaction(async (changes) => {
        await changes.insertCategory(id, draft);
        const payload = { categoryId: id, handle, name, description, parentId };
        await changes.appendEvent({ id: newId('event'), type: 'category.created', aggregateId: id, payload });
      });
      return read(id);
    },

    updateCategory: (input) => change(input.id, 'id', (changes, present, tree) => changes.updateCategory(present.id, checkCategoryChange(input, present, tree))),

    async setCategoryTranslations({ categoryId, translations }) {
      const checked = checkCategoryTranslations(translations, await loadLocales(store, ownLocale));
      return change(categoryId, 'categoryId', (changes) => changes.setCategoryTranslations(categoryId, checked));
    },
  };
}
