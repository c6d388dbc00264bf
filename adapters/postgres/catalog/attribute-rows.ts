import type { Attribute } from '../../../domain/catalog/attribute.ts';
import type { AttributeTranslation } from '../../../domain/catalog/translation.ts';
import { prepared, type Statement } from '../database.ts';

/** What an option is called, by labels as they are stored; undefined: as in the catalog's words. An option may be called `constructor`. */
export const labelOf = (labels: Readonly<Record<string, string>> | null | undefined, option: string): string | undefined =>
  labels != null && Object.hasOwn(labels, option) ? labels[option] : undefined;

/** An attribute with its translations, whose labels are stored by option. */
export interface AttributeRow extends Omit<Attribute, 'translations'> {
  readonly translations: readonly (Omit<AttributeTranslation, 'labels'> & { readonly labels: Readonly<Record<string, string>> })[] | null;
}

/** The attributes `a` that fulfil a condition. */
export const attributes = (condition: string): Statement =>
  prepared(`SELECT a.id, a.code, a.name, a.type, a.unit, a.options,
    (SELECT json_agg(json_build_object('locale', t.locale, 'name', t.name, 'labels', t.labels) ORDER BY t.locale)
      FROM attribute_translations t WHERE t.attribute_id = a.id) AS translations
  FROM attributes a WHERE ${condition}`);

/** Labels come in the order of the options. */
export const toAttribute = ({ translations, ...attribute }: AttributeRow): Attribute => ({
  ...attribute,
  translations: (translations ?? []).map(({ locale, name, labels }) => ({
    locale,
    name,
    labels: attribute.options.flatMap((value) => {
      const label = labelOf(labels, value);
      return label === undefined ? [] : [{ value, label }];
    }),
  })),
});
