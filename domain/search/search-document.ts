/** What a search index knows of a product. Amounts are minor units, instants ISO 8601 UTC. */
export interface SearchDocument extends SearchContent {
  /** The product's. */
  readonly id: string;
  /** Raised with every reading of the product: of two writes the later reading stays. */
  readonly version: number;
  /** Of the content, 32 bits: by it an index is compared with the catalog. */
  readonly checksum: number;
}

/** What is searched, filtered and ranked by. */
export interface SearchContent {
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly skus: readonly string[];
  /** Of each category and those above it. */
  readonly categories: readonly { readonly handle: string; readonly name: string }[];
  readonly attributes: readonly SearchAttribute[];
  /** Of the active variants, by currency. */
  readonly prices: readonly { readonly currency: string; readonly min: number; readonly max: number }[];
  readonly inStock: boolean;
  /** Where it is sold; null: in every channel. */
  readonly channelIds: readonly string[] | null;
  /** The customer groups that it is for; null: for everybody. */
  readonly groupIds: readonly string[] | null;
  /** In other locales than the catalog's own, those it has been translated into; by locale. */
  readonly translations: readonly SearchTranslation[];
  readonly createdAt: string;
  readonly signals: SearchSignals;
  /** Its meaning, where there is an embedder; null: not reckoned yet. */
  readonly vector: SearchVector | null;
}

/** A product in the words of another locale; what has no word of its own there stands in the catalog's. */
export interface SearchTranslation {
  /** BCP 47. */
  readonly locale: string;
  readonly title: string;
  readonly description: string;
  /** As in the content, with other names. */
  readonly categories: SearchContent['categories'];
  /** In the order of the content's, by code; `labels` stand beside its values, which stay what is filtered by. */
  readonly attributes: readonly { readonly code: string; readonly name: string; readonly labels: readonly string[] }[];
}

/** A meaning as it is stored: whole numbers from −127 to 127 in proportion to the embedder's. */
export interface SearchVector {
  /** Vectors of two models are never compared. */
  readonly model: string;
  /** A signed byte for each dimension, in base64. */
  readonly bytes: string;
}

/** An attribute, or an option of the variants, by its code or name. */
export interface SearchAttribute {
  readonly code: string;
  readonly name: string;
  /** As it is shown and filtered by; a number as its digits. */
  readonly values: readonly string[];
  /** Of a number. */
  readonly number: number | null;
}

/** What speaks for a product beside its words. */
export interface SearchSignals {
  /** Units sold in the last 30 days. */
  readonly sold: number;
  /** Times that it was looked at in the last 30 days. */
  readonly viewed: number;
  /** Units that can be sold now; null: it needs no stock. */
  readonly available: number | null;
  /** The part of the price that is left over the cost, 0 to 1, of the variant where it is least; null: a cost is not known. */
  readonly margin: number | null;
  /** 0 to 5, of as many as have rated it. */
  readonly rating: { readonly average: number; readonly count: number } | null;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the UTF-16 units of the JSON, 32 bits: whole numbers that an index can add up exactly. */
export function contentChecksum(content: SearchContent): number {
  const text = JSON.stringify(content);
  let hash = FNV_OFFSET;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, FNV_PRIME);
  }
  return hash >>> 0;
}
