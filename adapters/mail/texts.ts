import de from './texts/de.json' with { type: 'json' };
import en from './texts/en.json' with { type: 'json' };

/** All that mails say, in one language. */
export type MailTexts = typeof en;

export const DEFAULT_LANGUAGE = 'en';

/** By language. A new one is a file beside these, and a line here: the compiler tells which of its texts are missing. */
export const MAIL_TEXTS: Readonly<Record<string, MailTexts>> = { de, en };

const PLACEHOLDER = /\{(\w+)\}/g;

/** The names of a text's placeholders. */
export const placeholdersOf = (text: string): string[] => [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);

/** Puts the values in the placeholders' places. Throws when there is none for one. */
export const fillText = (text: string, valueOf: (name: string) => string | undefined): string =>
  text.replace(PLACEHOLDER, (_, name: string) => {
    const value = valueOf(name);
    if (value === undefined) throw new Error(`There is no value for {${name}}`);
    return value;
  });
