import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeId, ID_PREFIXES, isId, type IdKind } from './ids.ts';

const KINDS = Object.keys(ID_PREFIXES) as IdKind[];
const kinds = fc.constantFrom(...KINDS);
/** As many milliseconds as ten characters hold (48 bits, the year 10889). */
const times = fc.nat(2 ** 48 - 1);
const random = fc.uint8Array({ minLength: 10, maxLength: 10 });

describe('encodeId', () => {
  it('writes the time and the randomness in Crockford base 32', () => {
    assert.equal(encodeId('order', 0, new Uint8Array(10)), `ord_${'0'.repeat(26)}`);
    assert.equal(encodeId('order', 2 ** 48 - 1, new Uint8Array(10).fill(255)), `ord_7${'Z'.repeat(25)}`);
    assert.equal(encodeId('cart', 1_469_918_176_385, new Uint8Array(10)), `cart_01ARYZ6S41${'0'.repeat(16)}`);
  });

  it('makes ids of its kind and of no other', () => {
    fc.assert(
      fc.property(kinds, kinds, times, random, (kind, other, time, bytes) => {
        assert.equal(isId(other, encodeId(kind, time, bytes)), kind === other);
      }),
    );
  });

  it('sorts by time', () => {
    fc.assert(
      fc.property(times, times, random, random, (a, b, first, second) => {
        fc.pre(a !== b);
        assert.equal(encodeId('event', a, first) < encodeId('event', b, second), a < b);
      }),
    );
  });

  it('keeps every bit of the randomness, in order', () => {
    fc.assert(
      fc.property(times, random, random, (time, first, second) => {
        const [a, b] = [encodeId('event', time, first), encodeId('event', time, second)];
        const order = first.findIndex((byte, index) => byte !== second[index]);
        if (order === -1) assert.equal(a, b);
        else assert.equal(a < b, (first[order] ?? 0) < (second[order] ?? 0));
      }),
    );
  });
});

describe('isId', () => {
  it('refuses what only resembles an id', () => {
    const id = `ord_${'0'.repeat(26)}`;
    const short = id.slice(0, -1);
    assert.ok(isId('order', id));
    const other = [id.replace('o', 'O'), id.replace('_', '-')];
    const wrong = ['', 'ord_', short, `${id}0`, `${short}I`, `${short}a`, `${short}\n`, ...other];
    for (const value of wrong) {
      assert.equal(isId('order', value), false, JSON.stringify(value));
    }
  });

  it('has a different prefix for each kind', () => {
    assert.equal(new Set(Object.values(ID_PREFIXES)).size, KINDS.length);
  });
});
