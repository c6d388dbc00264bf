import type { CategoryCreateInput } from '../../domain/catalog/catalog-input.ts';
import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import type { Category } from '../../domain/catalog/category.ts';
import { checkNewCategory } from '../../domain/catalog/drafts.ts';
import { notFound } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { loadVocabulary } from './load-vocabulary.ts';

/** Adds a category, below another or at the top. */
export async function createCategory(
  { store, newId }: { store: CatalogStore; newId: IdGenerator },
  input: CategoryCreateInput,
): Promise<Category> {
  const draft = checkNewCategory(input, await loadVocabulary(store, { categories: input.parent != null }));
  const id = newId('category');
  const { handle, name, description, parentId } = draft;
  await store.transaction(async (changes) => {
    await changes.insertCategory(id, draft);
    const payload = { categoryId: id, handle, name, description, parentId };
    await changes.appendEvent({ id: newId('event'), type: 'category.created', aggregateId: id, payload });
  });
  const category = (await store.categories()).find(id);
  if (!category) throw notFound('The category');
  return category;
}
