import type { CatalogStore } from '../../domain/catalog/catalog-store.ts';
import { translationLocale } from '../../domain/catalog/own-locale.ts';
import type { CustomerGroupStore } from '../../domain/customers/customer-group.ts';
import type { RuleCondition } from '../../domain/search/search-rule.ts';
import { invalid } from '../../domain/shared/errors.ts';
import { normalizeLocale } from '../../domain/shared/locale.ts';

/** By which names people speak of audiences: channels and customer groups by their codes, languages by locales (BCP 47). */
export interface AudienceNames {
  /** Raises INVALID_INPUT naming the field. */
  channelId(code: string, field: string): Promise<string>;
  /** In the order of the codes. Raises INVALID_INPUT naming the field. */
  channelIds(codes: readonly string[], field: string): Promise<string[]>;
  groupIds(codes: readonly string[], field: string): Promise<string[]>;
  /** As an audience has it; null: the catalog's own words are in it. Raises INVALID_INPUT naming the field. */
  locale(locale: string, field: string): string | null;
  /** The codes of what conditions speak of, by id; one that is gone has none. */
  codesOf(conditions: readonly Pick<RuleCondition, 'channelIds' | 'groupIds'>[]): Promise<ReadonlyMap<string, string>>;
}

/** `language`: that the catalog's own words are in. */
export function createAudienceNames(deps: { catalog: Pick<CatalogStore, 'channels' | 'customerGroupIds'>; groups: Pick<CustomerGroupStore, 'byIds'>; language: string }): AudienceNames {
  const { catalog, groups, language } = deps;
  function idOf(code: string, ids: ReadonlyMap<string, string>, field: string, what: string): string {
    const id = ids.get(code);
    if (id === undefined) throw invalid(field, `There is no ${what} of this code`);
    return id;
  }
  const idsOfChannels = async (): Promise<ReadonlyMap<string, string>> => new Map((await catalog.channels()).map(({ code, id }) => [code, id]));
  return {
    channelId: async (code, field) => idOf(code, await idsOfChannels(), field, 'channel'),
    async channelIds(codes, field) {
      if (codes.length === 0) return [];
      const ids = await idsOfChannels();
      return codes.map((code, index) => idOf(code, ids, `${field}.${index}`, 'channel'));
    },
    async groupIds(codes, field) {
      if (codes.length === 0) return [];
      const ids = await catalog.customerGroupIds(codes);
      return codes.map((code, index) => idOf(code, ids, `${field}.${index}`, 'customer group'));
    },
    locale: (locale, field) => translationLocale(normalizeLocale(locale, field), language),
    async codesOf(conditions) {
      const [channelIds, groupIds] = [conditions.flatMap((condition) => condition.channelIds), conditions.flatMap((condition) => condition.groupIds)];
      const named = [channelIds.length === 0 ? [] : await catalog.channels(), groupIds.length === 0 ? [] : await groups.byIds(groupIds)];
      return new Map(named.flat().map(({ id, code }) => [id, code]));
    },
  };
}
