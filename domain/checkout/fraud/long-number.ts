/** Twelve digits or more, with single blanks or hyphens between: as long as a card number, and never part of a rule or a list. */
const LONG_NUMBER = /\d(?:[ -]?\d){11}/;

/** Whether the text may hold a card number, which must not be stored anywhere. */
export const holdsLongNumber = (text: string): boolean => LONG_NUMBER.test(text);
