/** What a product is called in another locale than the catalog's own. Null: as in the catalog's words. */
export interface ProductTranslation {
  /** BCP 47. */
  readonly locale: string;
  readonly title: string | null;
  readonly description: string | null;
}

/** What a category is called in another locale. Null: as in the catalog's words. */
export interface CategoryTranslation {
  readonly locale: string;
  readonly name: string | null;
  readonly description: string | null;
}

/** What an attribute and its options are called in another locale. Null, and options without a label: as in the catalog's words. */
export interface AttributeTranslation {
  readonly locale: string;
  readonly name: string | null;
  readonly labels: readonly OptionLabel[];
}

export interface OptionLabel {
  /** The option, as it is stored and filtered by. */
  readonly value: string;
  readonly label: string;
}
