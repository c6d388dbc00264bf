/** Crockford's Base32: nothing that looks like something else. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;

/** A letter that a typing error or two swapped letters change: each letter counts with its place, modulo 31. */
function checkLetter(letters: string): string {
  let sum = 0;
  for (const [place, letter] of [...letters].entries()) sum += (place + 1) * ALPHABET.indexOf(letter);
  return ALPHABET.charAt(sum % 31);
}

/** The code as it is compared: without separators, in upper case, with the letters that are read for others put right. */
export const normalizeGiftCardCode = (code: string): string =>
  code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1').replaceAll('U', 'V');

/** Whether the text can be a gift card's code. */
export function isGiftCardCode(text: string): boolean {
  const code = normalizeGiftCardCode(text);
  return code.length === LENGTH && [...code].every((letter) => ALPHABET.includes(letter)) && checkLetter(code.slice(0, -1)) === code.at(-1);
}

/** A code of 75 random bits, in groups of four: `7KQ2-…`. `random` holds 15 bytes. */
export function makeGiftCardCode(random: Uint8Array): string {
  const letters = Array.from(random.slice(0, LENGTH - 1), (byte) => ALPHABET.charAt(byte & 31)).join('');
  return (letters + checkLetter(letters)).replace(/(.{4})(?=.)/g, '$1-');
}
