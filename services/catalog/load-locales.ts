import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import type { TranslatedLocales } from '../../domain/catalog/check-translations.ts';

/** The locales that something can be translated into. `own`: the one that the catalog is written in. */
export const loadLocales = async (store: Pick<CatalogStore, 'channels'>, own: string): Promise<TranslatedLocales> => ({
  own,
  spoken: new Set((await store.channels()).flatMap(({ locales }) => locales)),
});
