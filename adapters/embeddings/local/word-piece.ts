/** The vocabulary of a BERT model: the id of a piece is its place. Pieces that begin a word are written with `▁` before them. */
export type Vocabulary = readonly string[];

const WORD_START = '▁';
/** A word with more characters is unknown. */
const MAX_WORD_LENGTH = 100;
const CONTROL = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\uFFFD]/u;
/** JavaScript takes the byte order mark for a space; BERT takes it for nothing. */
const SPACE = /[^\S\uFEFF]/u;
/** The ASCII symbols count as punctuation, as they do for BERT. */
const PUNCTUATION = /[\p{P}$+<=>^`|~]/u;
/** Ideographs, each a word; Kana and Hangul are written in words of their own. */
const IDEOGRAPH = /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/u;

/** Words and punctuation marks, in lower case and without accents. */
export function basicTokens(text: string): string[] {
  const tokens: string[] = [];
  let word = '';
  const endWord = (): void => {
    if (word !== '') tokens.push(word);
    word = '';
  };
  for (const character of text.toLowerCase().normalize('NFD').replace(/\p{Mn}/gu, '')) {
    if (SPACE.test(character)) endWord();
    else if (CONTROL.test(character)) continue;
    else if (PUNCTUATION.test(character) || IDEOGRAPH.test(character)) {
      endWord();
      tokens.push(character);
    } else word += character;
  }
  endWord();
  return tokens;
}

/** Splits texts into the pieces of a vocabulary (WordPiece, uncased). */
export function createWordPieceTokenizer(vocabulary: Vocabulary) {
  const ids = new Map(vocabulary.map((piece, id) => [piece, id]));
  const special = (piece: string): number => {
    const id = ids.get(piece);
    if (id === undefined) throw new Error(`The vocabulary has no ${piece}`);
    return id;
  };
  const [unknown, begin, end] = [special('[UNK]'), special('[CLS]'), special('[SEP]')];

  /** The longest piece first, and so on behind it; a word that cannot be split wholly is unknown. */
  function pieces(word: string): number[] {
    const characters = [...word];
    if (characters.length > MAX_WORD_LENGTH) return [unknown];
    const found: number[] = [];
    for (let start = 0; start < characters.length; ) {
      let stop = characters.length;
      let id: number | undefined;
      for (; stop > start; stop -= 1) {
        const part = characters.slice(start, stop).join('');
        id = ids.get(start === 0 ? WORD_START + part : part);
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown];
      found.push(id);
      start = stop;
    }
    return found;
  }

  return {
    /** The ids of a text with the marks of its begin and end around them: `limit` at most. */
    encode(text: string, limit: number): number[] {
      const found: number[] = [];
      for (const word of basicTokens(text)) {
        if (found.length >= limit - 2) break;
        found.push(...pieces(word));
      }
      return [begin, ...found.slice(0, limit - 2), end];
    },
  };
}
