/** Letters that have no accent to be left out. */
const SPELT: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ħ: 'h', ı: 'i' };

/**
 * Without case, accents and compatibility forms: what is typed and what is written meet in it. Only Latin and Greek letters have
 * accents; in other scripts a mark makes another letter.
 */
export const foldText = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu, '$1')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[ßæœøđðþłħı]/g, (letter) => SPELT[letter] ?? letter);

const MAX_WORDS = 12;

/** All words of a text, folded, without what stands between them. */
export const allFoldedWords = (text: string): string[] => foldText(text).match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];

/** The first twelve of them. */
export const foldWords = (text: string): string[] => allFoldedWords(text).slice(0, MAX_WORDS);
