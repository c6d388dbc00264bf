/** Without case, accents and compatibility forms: what is typed and what is written meet in it. */
export const foldText = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();

const MAX_WORDS = 12;

/** The words of a text, folded, without what stands between them; the first twelve. */
export const foldWords = (text: string): string[] => (foldText(text).match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, MAX_WORDS);
