/**
 * Finds card numbers (PANs) in text, so that they can be refused or masked. By ISO/IEC 7812-1 a number begins with its issuer's
 * range, has at most 19 digits and ends with the check digit of Luhn's formula; all three are asked for, so that phone,
 * tracking and order numbers are seldom taken for one.
 */

interface Range {
  /** First four digits, from and to, both included. */
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
}

const UP_TO_19 = [16, 17, 18, 19];

/**
 * The ranges of the brands, as they publish them. Left out are Visa's 13 digits, which no card has had for decades, but which
 * German mobile numbers (49…) and the article numbers of Germany and Japan (EAN 40–45, 49) look like, and Maestro's 12 to 15.
 */
const RANGES: readonly Range[] = [
  { from: 2200, to: 2205, lengths: UP_TO_19 }, // Mir
  { from: 2221, to: 2720, lengths: [16] }, // Mastercard
  { from: 3000, to: 3059, lengths: [14, ...UP_TO_19] }, // Diners Club
  { from: 3095, to: 3095, lengths: [14, ...UP_TO_19] }, // Diners Club
  { from: 3400, to: 3499, lengths: [15] }, // American Express
  { from: 3528, to: 3589, lengths: UP_TO_19 }, // JCB
  { from: 3600, to: 3699, lengths: [14, 15, ...UP_TO_19] }, // Diners Club
  { from: 3700, to: 3799, lengths: [15] }, // American Express
  { from: 3800, to: 3999, lengths: [14, ...UP_TO_19] }, // Diners Club
  { from: 4000, to: 4999, lengths: [16, 19] }, // Visa
  { from: 5000, to: 5099, lengths: UP_TO_19 }, // Maestro, Elo, Verve
  { from: 5100, to: 5599, lengths: [16] }, // Mastercard
  { from: 5600, to: 5899, lengths: UP_TO_19 }, // Maestro
  { from: 6000, to: 6999, lengths: UP_TO_19 }, // Discover, UnionPay, RuPay, Maestro, Hipercard
  { from: 8100, to: 8299, lengths: UP_TO_19 }, // UnionPay, RuPay
  { from: 8600, to: 8600, lengths: [16] }, // Uzcard
  { from: 9792, to: 9792, lengths: [16] }, // Troy
  { from: 9860, to: 9860, lengths: [16] }, // Humo
];

const SHORTEST = 14;
const LONGEST = 19;
/** Separators that may stand between two groups of digits: `4242 - 4242`. */
const MAX_GAP = 3;
/** What PCI DSS 3.4.1 lets be shown at most. */
const SHOWN_FIRST = 6;
const SHOWN_LAST = 4;

const SEPARATOR = /[\s\p{Pd}\u2212._+·•]/u;
/** Written, but not seen: zero-width characters, variation selectors, the frame of a keycap. */
const UNSEEN = /[\p{Cf}\p{M}]/u;
const DECIMAL_DIGIT = /^\p{Nd}$/u;
/** Text without this, all in ASCII, has no card number: most text is done with here. */
const MAYBE = /(?:\d[\s\-._+]{0,3}){14}|[^\0-\x7f]|%[0-9A-Fa-f]{2}/;
/** UUIDs, hashes and trace ids: random digits and letters, in which a run of digits means nothing. */
const RANDOM_HEX = /(?<![0-9a-z])(?=[0-9-]*[a-f])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,})(?![0-9a-z])/gi;

interface Digit {
  readonly value: number;
  /** Where it is written in the text. */
  readonly start: number;
  readonly end: number;
  /** Not written next to the digit before it. */
  readonly opensGroup: boolean;
}

/** The value of a digit of any script, full-width, circled or raised; undefined for anything else. */
function digitValue(char: string): number | undefined {
  if (char >= '0' && char <= '9') return Number(char);
  if (char <= '\x7f') return undefined;
  const plain = char.normalize('NFKC');
  if (plain.length === 1 && plain >= '0' && plain <= '9') return Number(plain);
  if (!DECIMAL_DIGIT.test(char)) return undefined;
  // Unicode keeps each script's ten digits together, in order, and nothing else right before them.
  const point = char.codePointAt(0) ?? 0;
  let zero = point;
  while (DECIMAL_DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (point - zero) % 10;
}

/** The runs of digits with nothing but separators between them. */
function digitRuns(text: string): Digit[][] {
  const runs: Digit[][] = [];
  let run: Digit[] = [];
  let gap = 0;
  let start = 0;
  const end = (): void => {
    if (run.length >= SHORTEST) runs.push(run);
    run = [];
    gap = 0;
  };
  for (const char of text) {
    const value = digitValue(char);
    if (value !== undefined) {
      run.push({ value, start, end: start + char.length, opensGroup: run.length === 0 || gap > 0 });
      gap = 0;
    } else if (run.length > 0 && !UNSEEN.test(char)) {
      if (gap < MAX_GAP && SEPARATOR.test(char)) gap += 1;
      else end();
    }
    start += char.length;
  }
  end();
  return runs;
}

/** Luhn's formula (ISO/IEC 7812-1, annex B). */
function passesLuhn(digits: readonly number[]): boolean {
  let sum = 0;
  for (const [i, digit] of digits.toReversed().entries()) {
    const weighed = i % 2 === 1 ? digit * 2 : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}

/** Lengths that a number with these first digits can have. */
function lengthsOf(run: readonly Digit[], first: number): readonly number[] {
  let prefix = 0;
  for (let i = first; i < first + 4; i += 1) prefix = prefix * 10 + (run[i]?.value ?? 0);
  return RANGES.find(({ from, to }) => prefix >= from && prefix <= to)?.lengths ?? [];
}

/** The card numbers written in a run: whole groups of it. They may overlap. */
function cardNumbersIn(run: readonly Digit[]): Digit[][] {
  const found: Digit[][] = [];
  for (let first = 0; first + SHORTEST <= run.length; first += 1) {
    if (!run[first]?.opensGroup) continue;
    for (const length of lengthsOf(run, first)) {
      const next = first + length;
      if (next > run.length || run[next]?.opensGroup === false) continue;
      const number = run.slice(first, next);
      if (passesLuhn(number.map(({ value }) => value))) found.push(number);
    }
  }
  return found;
}

function numbersIn(text: string): Digit[][] {
  if (text.length < SHORTEST || !MAYBE.test(text)) return [];
  const found = digitRuns(text).flatMap(cardNumbersIn);
  if (found.length === 0) return found;
  const random = [...text.matchAll(RANDOM_HEX)].map(({ index, 0: word }) => ({ start: index, end: index + word.length }));
  const isRandom = (number: readonly Digit[]): boolean =>
    random.some(({ start, end }) => (number[0]?.start ?? 0) >= start && (number.at(-1)?.end ?? 0) <= end);
  return random.length === 0 ? found : found.filter((number) => !isRandom(number));
}

/** Undoes the encoding of URLs, as far as it concerns digits and separators. */
const percentDecoded = (text: string): string =>
  text.replace(/%([2-7][0-9A-F])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** The card numbers in the text, digits only; however grouped, in whatever digits, also within a URL. */
export function findCardNumbers(text: string): string[] {
  const found = numbersIn(text);
  const decoded = text.includes('%') ? percentDecoded(text) : text;
  if (decoded !== text) found.push(...numbersIn(decoded));
  return [...new Set(found.map((number) => number.map(({ value }) => value).join('')))];
}

/** Whether a card number is written in the text. */
export const containsCardNumber = (text: string): boolean =>
  text.length >= SHORTEST && MAYBE.test(text) && findCardNumbers(text).length > 0;

function maskWritten(text: string): string {
  let masked = text;
  // What is left of two numbers that overlap can, by chance, be another.
  for (let found = numbersIn(masked); found.length > 0; found = numbersIn(masked)) {
    const hidden = new Map(
      found.flatMap((number) => number.slice(SHOWN_FIRST, -SHOWN_LAST)).map((digit) => [digit.start, digit.end]),
    );
    let rest = '';
    let from = 0;
    for (const [start, end] of [...hidden].sort(([a], [b]) => a - b)) {
      rest += `${masked.slice(from, start)}*`;
      from = end;
    }
    masked = rest + masked.slice(from);
  }
  return masked;
}

/** The text with the middle of each card number replaced by asterisks: the first six and the last four digits stay. */
export function maskCardNumbers(text: string): string {
  if (text.length < SHORTEST || !MAYBE.test(text)) return text;
  const masked = maskWritten(text);
  const decoded = masked.includes('%') ? percentDecoded(masked) : masked;
  return decoded !== masked && numbersIn(decoded).length > 0 ? maskWritten(decoded) : masked;
}

/**
 * Whether the text is nothing but what a card number could be: 12 to 19 digits that pass Luhn's formula, of whatever range. For
 * fields in which no other number is at home.
 */
export function looksLikeCardNumber(value: string): boolean {
  const digits: number[] = [];
  for (const char of value) {
    const digit = digitValue(char);
    if (digit !== undefined) digits.push(digit);
    else if (!SEPARATOR.test(char) && !UNSEEN.test(char)) return false;
  }
  return digits.length >= 12 && digits.length <= LONGEST && passesLuhn(digits);
}
