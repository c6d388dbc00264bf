import type { Audience } from '../../../domain/catalog/audience.ts';
import type { AttributeCriterion, ProductCriteria } from '../../../domain/catalog/product-query.ts';
import { AVAILABLE, description, title } from './product-columns.ts';
import { meantFor, soldIn } from './sold-to.ts';
import type { StatementValues } from './statement-values.ts';

const escapeLike = (word: string): string => word.replaceAll(/[\\%_]/g, (character) => `\\${character}`);

function attributeCondition(criterion: AttributeCriterion, values: StatementValues): string {
  const ofAttribute = `EXISTS (SELECT 1 FROM product_attribute_values x
    WHERE x.product_id = p.id AND x.attribute_id = ${values.add(criterion.attributeId)}`;
  switch (criterion.kind) {
    case 'any_of':
      return `${ofAttribute} AND x.value = ANY(${values.add(criterion.values.map((value) => JSON.stringify(value)))}::jsonb[]))`;
    case 'has_any':
      return `${ofAttribute} AND x.value ?| ${values.add(criterion.options)}::text[])`;
    case 'between': {
      // In CASE, because the planner may look at the value before it looks whose value it is.
      const number = "CASE WHEN jsonb_typeof(x.value) = 'number' THEN x.value::numeric END";
      const lower = criterion.min === null ? '' : ` AND ${number} >= ${values.add(criterion.min)}`;
      const upper = criterion.max === null ? '' : ` AND ${number} <= ${values.add(criterion.max)}`;
      return `${ofAttribute}${lower}${upper})`;
    }
  }
}

/** What is kept from an audience by its channel or its groups is not among the products `p`. */
export const audienceConditions = ({ channelId, groupIds }: Audience, values: StatementValues): string[] => [
  ...(channelId === null ? [] : [soldIn(values.add(channelId))]),
  ...(groupIds === null ? [] : [meantFor(`${values.add(groupIds)}::text[]`)]),
];

/** What the products `p` must fulfil; a list that may be empty. They are `translated` when there is a placeholder of a locale. */
export function productConditions(criteria: ProductCriteria, locale: string | null, values: StatementValues): string[] {
  const conditions = audienceConditions(criteria.audience, values);
  const { words, category, handles, ids, price, inStock, attributes, status } = criteria;
  // Not a parameter: so the planner sees that the listings' partial indexes fit.
  if (status !== undefined) conditions.push(`p.status = '${status}'`);
  if (words.length > 0) {
    conditions.push(`(${title(locale)} || ' ' || ${description(locale)}) ILIKE ALL(${values.add(words.map((word) => `%${escapeLike(word)}%`))})`);
  }
  if (category !== undefined) {
    conditions.push(`p.id IN (WITH RECURSIVE below AS (
        SELECT id FROM categories WHERE handle = ${values.add(category)}
        UNION SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id)
      SELECT x.product_id FROM product_categories x JOIN below ON below.id = x.category_id)`);
  }
  if (handles !== undefined) conditions.push(`p.handle = ANY(${values.add(handles)})`);
  if (ids !== undefined) conditions.push(`p.id = ANY(${values.add(ids)})`);
  if (price !== undefined) {
    const lower = price.min === null ? '' : ` AND r.amount >= ${values.add(price.min)}`;
    const upper = price.max === null ? '' : ` AND r.amount <= ${values.add(price.max)}`;
    conditions.push(`EXISTS (SELECT 1 FROM variants v JOIN prices r ON r.variant_id = v.id
      WHERE v.product_id = p.id AND v.active AND r.currency = ${values.add(price.currency)}${lower}${upper})`);
  }
  if (inStock !== undefined) {
    conditions.push(
      `${inStock ? '' : 'NOT '}EXISTS (SELECT 1 FROM variants v
        WHERE v.product_id = p.id AND v.active AND coalesce(${AVAILABLE}, 1) > 0)`,
    );
  }
  for (const criterion of attributes) conditions.push(attributeCondition(criterion, values));
  return conditions;
}
