import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canBeMisspelt, editDistance, isMisspelling } from './misspelling.ts';

describe('misspelt words', () => {
  it('are told by the letters that are wrong, swapped ones counting once', () => {
    assert.deepEqual(
      [['kettle', 'kettle'], ['kettle', 'ketle'], ['kettle', 'kettel'], ['kettle', 'kittens'], ['', 'abc']].map(([left = '', right = '']) => editDistance(left, right, 5)),
      [0, 1, 1, 4, 3],
    );
    assert.equal(editDistance('kettle', 'kittens', 1), 2, 'more than is asked for is not counted');
  });

  it('may have more wrong letters the longer they are, but not the first', () => {
    assert.ok(isMisspelling('jackett', 'jacket') && isMisspelling('expresso', 'espresso') && isMisspelling('tant', 'tent'));
    assert.ok(!isMisspelling('mgu', 'mug') && !isMisspelling('racket', 'jacket') && !isMisspelling('kittle', 'kettles') && !isMisspelling('mug', 'mug'));
    assert.ok(!canBeMisspelt('usb3') && !canBeMisspelt('mug') && canBeMisspelt('mugs'));
  });

  it('have the same distance both ways, and never more than what is asked for and one', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é'), maxLength: 12 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 4 }), (left, right, most) => {
        const distance = editDistance(left, right, most);
        assert.equal(distance, editDistance(right, left, most));
        assert.equal(distance === 0, left === right);
        assert.ok(distance <= most + 1);
        assert.ok(distance > most || distance >= Math.abs(left.length - right.length));
      }),
    );
  });
});
