/** Brands whose numbers are fed: first digits and length. */
const BRANDS = [
  ['4', 16],
  ['51', 16],
  ['2223', 16],
  ['37', 15],
  ['6011', 16],
  ['3530', 16],
  ['4', 19],
  ['62', 16],
] as const;

/** So many first digits tell the numbers apart. */
export const TELLING_DIGITS = 14;

const zeroOf = (text: string, zero: number): string =>
  [...text].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
const groupedBy = (separator: string) => (number: string) => (number.match(/\d{1,4}/g) ?? []).join(separator);

/** Ways of writing a number, in turn. */
const SPELLINGS: readonly ((number: string) => string)[] = [
  (number) => number,
  groupedBy(' '),
  groupedBy('-'),
  (number) => `my card is ${number}, 12/29`,
  groupedBy('.'),
  (number) => zeroOf(number, 0xff10),
  groupedBy('\u200b'),
  (number) => zeroOf(number, 0x0660),
  groupedBy('\u00a0'),
];

/** Makes distinct test numbers and remembers which were given out, and for what. */
export class TestNumbers {
  readonly fed = new Map<string, string>();
  #count = 0;

  /** A number that passes Luhn's formula, digits only; `place` says where it is fed. */
  next(place: string): string {
    const [prefix, length] = BRANDS[this.#count % BRANDS.length] ?? BRANDS[0];
    this.#count += 1;
    // Multiples of a large prime: distinct, and without the many zeros of a counter.
    const spread = (BigInt(this.#count) * 7_919_317_423_487n)
      .toString()
      .padStart(TELLING_DIGITS - prefix.length, '7')
      .slice(-(TELLING_DIGITS - prefix.length));
    const body = (prefix + spread).padEnd(length - 1, '0');
    const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    const sum = [...body]
      .reverse()
      .reduce((total, digit, i) => total + (i % 2 === 0 ? (doubled[Number(digit)] ?? 0) : Number(digit)), 0);
    const number = `${body}${(10 - (sum % 10)) % 10}`;
    if (this.fed.has(number)) throw new Error('The numbers are used up');
    this.fed.set(number, place);
    return number;
  }

  /** A number in the next of the spellings. */
  spelled(place: string): string {
    const spell = SPELLINGS[this.#count % SPELLINGS.length] ?? String;
    return spell(this.next(place));
  }
}
