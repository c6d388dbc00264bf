import { invalid } from '../shared/errors.ts';
import { phraseOf } from './search-terms.ts';

/** Words and phrases that mean the same; or, with `from`, what else is found by one of them but not the other way round. */
export interface SynonymSet {
  readonly id: string;
  readonly terms: readonly string[];
  /** Who looks for this finds the terms too; who looks for a term does not find this. Null: each finds all others. */
  readonly from: string | null;
  /** The locale (BCP 47) whose words they are; null: the catalog's own. */
  readonly locale: string | null;
}

const MAX_TERMS = 50;
const MAX_LENGTH = 60;
const MAX_WORDS = 4;

/** A phrase of at most four words, as it is kept. Raises INVALID_INPUT naming the field. */
export function checkPhrase(text: string, field: string): string {
  const words = phraseOf(text);
  if (words === '' || text.length > MAX_LENGTH || words.split(' ').length > MAX_WORDS) throw invalid(field, `Must have 1 to ${MAX_WORDS} words and at most ${MAX_LENGTH} characters`);
  return words;
}

/** Folds and checks a set that somebody gives. Raises INVALID_INPUT naming the field. */
export function checkSynonyms({ terms, from }: Pick<SynonymSet, 'terms' | 'from'>): Pick<SynonymSet, 'terms' | 'from'> {
  const least = from === null ? 2 : 1;
  if (terms.length < least || terms.length > MAX_TERMS) throw invalid('terms', `Must have ${least} to ${MAX_TERMS}`);
  const phrases = terms.map((term, index) => checkPhrase(term, `terms.${index}`));
  const source = from === null ? null : checkPhrase(from, 'from');
  if (new Set([...phrases, ...(source === null ? [] : [source])]).size < phrases.length + (source === null ? 0 : 1)) throw invalid('terms', 'Must differ from each other');
  return { terms: phrases, from: source };
}

/** From each phrase to what else is found by it. */
export function synonymMap(sets: readonly Pick<SynonymSet, 'terms' | 'from'>[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const add = (phrase: string, others: readonly string[]): void => {
    const all = found.get(phrase) ?? new Set();
    for (const other of others) if (other !== phrase) all.add(other);
    found.set(phrase, all);
  };
  for (const { terms, from } of sets) {
    if (from !== null) add(from, terms);
    else for (const term of terms) add(term, terms);
  }
  return new Map([...found].map(([phrase, others]) => [phrase, [...others]]));
}
