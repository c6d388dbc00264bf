/** A domain word as GraphQL spells it: `in_review` is `IN_REVIEW`. The types make sure that the schema knows every one. */
export const toEnum = <Word extends string>(word: Word): Uppercase<Word> => word.toUpperCase() as Uppercase<Word>;

/** A GraphQL enum value as the domain spells it. */
export const fromEnum = <Value extends string>(value: Value): Lowercase<Value> => value.toLowerCase() as Lowercase<Value>;
