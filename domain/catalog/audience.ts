/** For whom products are shown: which there are, and in which words, depends on it. */
export interface Audience {
  /** Null: those of all channels. */
  readonly channelId: string | null;
  /** The customer groups of whoever asks; what is for some groups is shown to these only. Null: those of all groups. */
  readonly groupIds: readonly string[] | null;
  /** A locale (BCP 47) that the channel speaks; null: in the catalog's own words. What is not translated into it is shown in those, too. */
  readonly locale: string | null;
}

/** Nothing is kept from it. */
export const WHOLE_CATALOG: Audience = { channelId: null, groupIds: null, locale: null };
