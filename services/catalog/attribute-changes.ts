import type { CatalogService } from '../../domain/catalog/catalog-service.ts';
import type { CatalogChanges, CatalogStore } from '../../domain/catalog/catalog-store.ts';
import type { Attribute } from '../../domain/catalog/attribute.ts';
import { checkAttributeTranslations } from '../../domain/catalog/check-translations.ts';
import { checkNewAttribute, MAX_TITLE } from '../../domain/catalog/drafts.ts';
import { checkLine } from '../../domain/catalog/field-checks.ts';
import { notFound } from '../../domain/shared/errors.ts';
import { isId, type IdGenerator } from '../../domain/shared/ids.ts';
import { loadLocales } from './load-locales.ts';

/** Adding and changing attributes. Products that bear a changed one are indexed anew by the database itself. */
export function createAttributeChanges(deps: {
  store: CatalogStore;
  newId: IdGenerator;
  ownLocale: string;
}): Pick<CatalogService, 'createAttribute' | 'updateAttribute' | 'setAttributeTranslations'> {
  const { store, newId, ownLocale } = deps;

  /** One transaction, with its event. */
  const change = (id: string, field: string, apply: (changes: CatalogChanges, present: Attribute) => Promise<void>): Promise<Attribute> =>
    store.transaction(async (changes) => {
      const present = isId('attribute', id) ? await changes.lockAttribute(id) : undefined;
      if (!present) throw notFound('The attribute', field);
      await apply(changes, present);
      const attribute = await changes.readAttribute(id);
      const { code, name, type, unit, options, translations } = attribute;
      const payload = { attributeId: id, code, name, type, unit, options, translations };
      await changes.appendEvent({ id: newId('event'), type: 'attribute.updated', aggregateId: id, payload });
      return attribute;
    });

  return {
    async createAttribute(input) {
      const draft = checkNewAttribute(input);
      const id = newId('attribute');
      await store.transaction(async (changes) => {
        await changes.insertAttribute(id, draft);
        const { code, name, type, unit, options } = draft;
        await changes.appendEvent({ id: newId('event'), type: 'attribute.created', aggregateId: id, payload: { attributeId: id, code, name, type, unit, options } });
      });
      return { id, ...draft, translations: [] };
    },

    async updateAttribute({ id, name }) {
      const checked = checkLine(name, 'name', MAX_TITLE);
      return change(id, 'id', (changes) => changes.renameAttribute(id, checked));
    },

    async setAttributeTranslations({ attributeId, translations }) {
      const locales = await loadLocales(store, ownLocale);
      return change(attributeId, 'attributeId', (changes, present) => changes.setAttributeTranslations(attributeId, checkAttributeTranslations(translations, present, locales)));
    },
  };
}
