import { normalizeLocale } from '../../domain/shared/locale.ts';
import type { AudienceNameStore, NamedAudience } from '../../domain/search/audience-names.ts';
import type { RuleCondition } from '../../domain/search/search-rule.ts';
import { translationLocale } from '../../domain/catalog/own-locale.ts';
import { invalid } from '../../domain/shared/errors.ts';

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
export function createAudienceNames({ store, language }: { store: AudienceNameStore; language: string }): AudienceNames {
  function idOf(code: string, named: readonly NamedAudience[], field: string, what: string): string {
    const found = named.find((each) => each.code === code);
    if (!found) throw invalid(field, `There is no ${what} of this code`);
    return found.id;
  }
  const channels = (codes: readonly string[]): Promise<NamedAudience[]> => store.channels({ codes, ids: [] });
  return {
    channelId: async (code, field) => idOf(code, await channels([code]), field, 'channel'),
    async channelIds(codes, field) {
      const named = await channels(codes);
      return codes.map((code, index) => idOf(code, named, `${field}.${index}`, 'channel'));
    },
    async groupIds(codes, field) {
      const named = await store.groups({ codes, ids: [] });
      return codes.map((code, index) => idOf(code, named, `${field}.${index}`, 'customer group'));
    },
    locale: (locale, field) => translationLocale(normalizeLocale(locale, field), language),
    async codesOf(conditions) {
      const wanted = (ids: readonly string[]) => ({ codes: [], ids });
      const named = [await store.channels(wanted(conditions.flatMap(({ channelIds }) => channelIds))), await store.groups(wanted(conditions.flatMap(({ groupIds }) => groupIds)))];
      return new Map(named.flat().map(({ id, code }) => [id, code]));
    },
  };
}
