import { createHash } from 'node:crypto';
import type { estypes } from '@elastic/elasticsearch';
import { codesOfLanguage } from '../../domain/catalog/own-locale.ts';
import { KEPT_SIGNALS } from '../../domain/search/ranking.ts';
import { SEARCH_LANGUAGES } from '../../domain/search/search-languages.ts';

/** What is between an attribute's code, or a category's handle, and what it stands before. */
export const SEPARATOR = '=';

/** Between a value, with its code, and what it is called: in no text that is shown. */
export const LABEL_SEPARATOR = '\u001f';

const FOLDED = ['lowercase', 'asciifolding'];

/** By whom meanings are reckoned, and how many numbers they have. */
export interface VectorSpace {
  readonly model: string;
  readonly dimensions: number;
}

type Definition = Pick<estypes.IndicesCreateRequest, 'settings' | 'mappings'>;

/** A short name of a definition: another one, another name. */
export const definitionName = (definition: Definition): string => createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 12);

const text = (stem: string, fields: Record<string, estypes.MappingProperty> = {}): estypes.MappingProperty => ({ type: 'text', analyzer: 'folded', fields: { stem: { type: 'text', analyzer: stem }, ...fields } });
const titleText = (stem: string): estypes.MappingProperty =>
  text(stem, { beginnings: { type: 'text', analyzer: 'beginnings', search_analyzer: 'folded' }, whole: { type: 'keyword', normalizer: 'folded' } });

/** Where words in a language are: in the locales that begin with one of its codes. */
const pathsOf = (codes: readonly string[], field: string): string[] => codes.flatMap((code) => [`texts.${code}.${field}`, `texts.${code}-*.${field}`]);

/** How the words of translations are looked for, in each language: a locale that comes new needs no new index. */
const translationTemplates = (): Record<string, estypes.MappingDynamicTemplate>[] => [
  { shown: { path_match: 'texts.*.shown', match_mapping_type: 'object', mapping: { type: 'object', enabled: false } } },
  { labels: { path_match: 'texts.*.*_labels', mapping: { type: 'keyword' } } },
  ...[...SEARCH_LANGUAGES.map((language) => ({ language, codes: codesOfLanguage(language) })), { language: 'folded', codes: ['*'] }].flatMap(({ language, codes }) => [
    { [`title_${language}`]: { path_match: pathsOf(codes, 'title'), mapping: titleText(language) } },
    { [`words_${language}`]: { path_match: [...pathsOf(codes, 'words'), ...pathsOf(codes, 'description')], mapping: text(language) } },
  ]),
];

/** Settings and mapping of an index. Fields that nobody knows are refused: a typing error in a document must not go unseen. */
export function indexDefinition(language: string, vectors: VectorSpace | undefined): Definition {
  const stem = SEARCH_LANGUAGES.includes(language) ? language : 'folded';
  return {
    settings: {
      number_of_shards: 1,
      number_of_replicas: 0,
      // Also while it is built: small segments have no graph of their vectors yet, which a rarer refresh would have to build at once.
      refresh_interval: '1s',
      // For so long a late write is known to be older than a removal.
      gc_deletes: '1h',
      analysis: {
        // As queries are taken apart: "men's" is two words.
        char_filter: { apostrophes: { type: 'pattern_replace', pattern: "['’ʼ＇]", replacement: ' ' } },
        filter: { beginnings: { type: 'edge_ngram', min_gram: 1, max_gram: 15 } },
        analyzer: {
          folded: { type: 'custom', char_filter: ['apostrophes'], tokenizer: 'standard', filter: FOLDED },
          beginnings: { type: 'custom', char_filter: ['apostrophes'], tokenizer: 'standard', filter: [...FOLDED, 'beginnings'] },
        },
        normalizer: { folded: { type: 'custom', filter: FOLDED } },
      },
    },
    mappings: {
      dynamic: 'strict',
      _meta: { model: vectors?.model ?? null },
      properties: {
        id: { type: 'keyword' },
        checksum: { type: 'long' },
        bucket: { type: 'short' },
        title: titleText(stem),
        description: text(stem),
        skus: { type: 'keyword', normalizer: 'folded', fields: { words: { type: 'text', analyzer: 'folded' } } },
        words: text(stem),
        // Titles and words together: only whether they are there counts.
        vocabulary: { type: 'text', analyzer: 'folded', norms: false, index_options: 'docs' },
        // locale=word
        translated_vocabulary: { type: 'keyword', doc_values: false },
        categories: { type: 'keyword' },
        // handle=Name, code=Name: what facets are called.
        category_labels: { type: 'keyword' },
        attribute_labels: { type: 'keyword' },
        attributes: { type: 'keyword' },
        numbers: { type: 'object', dynamic: true, properties: {} },
        prices: { type: 'object', dynamic: true, properties: {} },
        // Absent: everywhere, everybody.
        channel_ids: { type: 'keyword' },
        group_ids: { type: 'keyword' },
        // The locales that there are texts in.
        translated: { type: 'keyword' },
        texts: { type: 'object', dynamic: true, properties: {} },
        in_stock: { type: 'boolean' },
        popularity: { type: 'float' },
        rating: { type: 'float' },
        signals: { properties: Object.fromEntries(KEPT_SIGNALS.map((signal) => [signal, { type: 'float' as const }])) },
        created_at: { type: 'date' },
        // Bytes, as they are stored: a quarter of what floats take, and nothing to be quantized again.
        ...(vectors && { vector: { type: 'dense_vector' as const, element_type: 'byte' as const, dims: vectors.dimensions, index: true, similarity: 'cosine' as const, index_options: { type: 'hnsw' as const } } }),
      },
      dynamic_templates: [
        { numbers: { path_match: 'numbers.*', mapping: { type: 'double' } } },
        { prices: { path_match: 'prices.*.*', mapping: { type: 'long' } } },
        ...translationTemplates(),
      ],
    },
  };
}
