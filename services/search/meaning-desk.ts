import type { EmbeddingStore, MissingMeanings, RefusedMeaning } from '../../domain/search/embedding-store.ts';
import { invalid } from '../../domain/shared/errors.ts';
import { isId } from '../../domain/shared/ids.ts';
import type { Page, PageRequest } from '../../domain/shared/page.ts';
import type { Work } from '../stores.ts';

/** The embedding model, and how many products on sale have no meaning to it; each count at most `MOST_COUNTED`. */
export interface MeaningStanding extends MissingMeanings {
  readonly model: string;
}

/** What operators see and do of the meanings of products. */
export interface MeaningDesk {
  /** Null: there is no model, products are found by their words. */
  standing(): Promise<MeaningStanding | null>;
  /** Products whose text the model does not take. Raises INVALID_INPUT. */
  refusals(page: PageRequest): Promise<Page<RefusedMeaning>>;
  /** Has refused products tried again, all of them when none are named; in the audit log. Tells how many. Raises INVALID_INPUT. */
  retry(productIds: readonly string[] | null, actor: string): Promise<number>;
}

/** Nobody needs to know by how much more. */
export const MOST_COUNTED = 100_000;
const MOST_RETRIED = 100;

/** Builds it over the vectors of a model. */
export function createMeaningDesk(deps: { work: Work; store: Pick<EmbeddingStore, 'count' | 'refusals' | 'retry'>; model: string | null }): MeaningDesk {
  const { work, store, model } = deps;
  return {
    standing: async () => (model === null ? null : { model, ...(await store.count(model, MOST_COUNTED)) }),
    refusals: (page) => store.refusals(model ?? '', page),
    async retry(productIds, actor) {
      if (productIds !== null && (productIds.length === 0 || productIds.length > MOST_RETRIED)) throw invalid('productIds', `Must have 1 to ${MOST_RETRIED}`);
      productIds?.forEach((id, index) => {
        if (!isId('product', id)) throw invalid(`productIds.${index}`, 'Must be the id of a product');
      });
      const retried = model === null ? 0 : await store.retry(model, productIds);
      await work.transaction((stores) => stores.audit.append({ actor, action: 'search.retry_meanings', subjectId: 'search', detail: { productIds, retried } }));
      return retried;
    },
  };
}
