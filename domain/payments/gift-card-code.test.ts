import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isGiftCardCode, makeGiftCardCode, normalizeGiftCardCode } from './gift-card-code.ts';

const random = fc.uint8Array({ minLength: 15, maxLength: 15 });

describe('gift card codes', () => {
  it('are read back however they are typed', () => {
    fc.assert(
      fc.property(random, (bytes) => {
        const code = makeGiftCardCode(bytes);
        assert.match(code, /^(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
        for (const typed of [code, code.toLowerCase(), code.replaceAll('-', ' '), code.replaceAll('-', ''), code.replaceAll('0', 'o').replaceAll('1', 'l')]) {
          assert.ok(isGiftCardCode(typed), typed);
          assert.equal(normalizeGiftCardCode(typed), normalizeGiftCardCode(code));
        }
      }),
    );
  });

  it('notice a wrong letter', () => {
    fc.assert(
      fc.property(random, fc.nat(14), fc.integer({ min: 1, max: 30 }), (bytes, place, shift) => {
        const wrong = Uint8Array.from(bytes, (byte) => byte & 31);
        wrong[place] = ((wrong[place] ?? 0) % 31 + shift) % 31;
        const right = makeGiftCardCode(Uint8Array.from(bytes, (byte) => (byte & 31) % 31));
        const check = right.at(-1) ?? '';
        const typed = makeGiftCardCode(wrong).slice(0, -1) + check;
        if (normalizeGiftCardCode(typed) !== normalizeGiftCardCode(right) && differsOnceAt(typed, right, place)) assert.equal(isGiftCardCode(typed), false);
      }),
    );
  });

  it('are nothing else', () => {
    for (const text of ['', 'GIFT', '4242 4242 4242 4242 4', 'ABCD-EFGH-JKMN-PQR!', 'x'.repeat(10_000)]) assert.equal(isGiftCardCode(text), false, text.slice(0, 30));
  });
});

/** Whether the codes differ in just the letter at this place. */
function differsOnceAt(a: string, b: string, place: number): boolean {
  const [x, y] = [normalizeGiftCardCode(a), normalizeGiftCardCode(b)];
  return x.slice(0, place) === y.slice(0, place) && x.slice(place + 1) === y.slice(place + 1) && x[place] !== y[place];
}
