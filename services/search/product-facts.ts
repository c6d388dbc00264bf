import type { ProductRating, VariantCost } from '../../domain/search/product-facts.ts';
import { invalid } from '../../domain/shared/errors.ts';
import type { Work } from '../stores.ts';

/** What other systems know of products: ratings from one for reviews, costs from one for purchasing. */
export interface ProductFacts {
  /** How many were known products. A count of 0 takes the rating away. Raises INVALID_INPUT. */
  setRatings(ratings: readonly ProductRating[], actor: string): Promise<number>;
  /** How many were known variants. Raises INVALID_INPUT. */
  setCosts(costs: readonly VariantCost[], actor: string): Promise<number>;
}

const MAX_AT_ONCE = 500;
const CURRENCY = /^[A-Z]{3}$/;

const checkCount = (list: readonly unknown[], field: string): void => {
  if (list.length === 0 || list.length > MAX_AT_ONCE) throw invalid(field, `Must have 1 to ${MAX_AT_ONCE}`);
};

/** Builds it over the stores. */
export function createProductFacts({ work }: { work: Work }): ProductFacts {
  return {
    async setRatings(ratings, actor) {
      checkCount(ratings, 'ratings');
      ratings.forEach(({ average, count }, index) => {
        if (!(average >= 0 && average <= 5)) throw invalid(`ratings.${index}.average`, 'Must be 0 to 5');
        if (!Number.isSafeInteger(count) || count < 0) throw invalid(`ratings.${index}.count`, 'Must be a whole number, 0 or more');
      });
      return work.transaction(async (stores) => {
        const known = await stores.productFacts.putRatings(ratings);
        await stores.audit.append({ actor, action: 'product_ratings.set', subjectId: 'catalog', detail: { count: known } });
        return known;
      });
    },
    async setCosts(costs, actor) {
      checkCount(costs, 'costs');
      costs.forEach(({ cost }, index) => {
        if (!Number.isSafeInteger(cost.amount) || cost.amount < 0) throw invalid(`costs.${index}.cost.amount`, 'Must be a whole number, 0 or more');
        if (!CURRENCY.test(cost.currency)) throw invalid(`costs.${index}.cost.currency`, 'Must be the code of a currency');
      });
      return work.transaction(async (stores) => {
        const known = await stores.productFacts.putCosts(costs);
        await stores.audit.append({ actor, action: 'variant_costs.set', subjectId: 'catalog', detail: { count: known } });
        return known;
      });
    },
  };
}
