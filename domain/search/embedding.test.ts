import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { boundedTexts, dot, EMBEDDING_LIMITS, hasWords, normalize, quantize } from './embedding.ts';
import { embeddedText } from './embedded-text.ts';

const cosine = (one: ArrayLike<number>, other: ArrayLike<number>): number => {
  const [a, b] = [Float32Array.from(one), Float32Array.from(other)];
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

describe('Texts to embed', () => {
  it('are cut, never between the halves of a character', () => {
    const [short, long, split] = boundedTexts(['mug', 'x'.repeat(5_000), `${'x'.repeat(EMBEDDING_LIMITS.textLength - 1)}🜁y`]);
    assert.deepEqual([short, long?.length, split?.length], ['mug', EMBEDDING_LIMITS.textLength, EMBEDDING_LIMITS.textLength - 1]);
    fc.assert(fc.property(fc.string({ unit: 'grapheme', minLength: 1_990, maxLength: 2_010 }), (text) => assert.ok(boundedTexts([text])[0]?.isWellFormed())));
  });

  it('are refused when there are too many', () => {
    assert.equal(boundedTexts(Array.from({ length: EMBEDDING_LIMITS.texts }, String)).length, EMBEDDING_LIMITS.texts);
    assert.throws(() => boundedTexts(Array.from({ length: EMBEDDING_LIMITS.texts + 1 }, String)), { code: 'INVALID_INPUT', field: 'texts' });
  });

  it('have words if they have a letter or digit of any script', () => {
    assert.deepEqual(['mug', '7', 'кружка', '马克杯'].map(hasWords), [true, true, true, true]);
    assert.deepEqual(['', ' ', '… !?', '🜁'].map(hasWords), [false, false, false, false]);
  });
});

describe('What an embedder reads of a product', () => {
  const product = {
    title: 'Travel Mug',
    description: 'Keeps coffee hot',
    categories: [{ handle: 'kitchen', name: 'Kitchen' }],
    attributes: [
      { code: 'colour', name: 'Colour', values: ['red', 'black'], number: null },
      { code: 'volume', name: 'Volume', values: ['350'], number: 350 },
    ],
  };

  it('is its words, with the names of numbers, and not its price, stock or SKU', () => {
    assert.equal(embeddedText(product), 'Travel Mug. Kitchen. red. black. Volume 350. Keeps coffee hot');
    assert.equal(embeddedText({ ...product, description: '', categories: [], attributes: [] }), 'Travel Mug');
  });

  it('has the beginning of a long description', () => {
    assert.ok(embeddedText({ ...product, description: 'x'.repeat(100_000) }).length < 700);
  });
});

describe('Vectors', () => {
  const vector = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 8, maxLength: 64 }).filter((values) => values.some((value) => Math.abs(value) > 0.1));

  it('get length 1, and zeros stay zeros', () => {
    fc.assert(fc.property(vector, (values) => assert.ok(Math.abs(dot(normalize(Float32Array.from(values)), normalize(Float32Array.from(values))) - 1) < 1e-5)));
    assert.deepEqual(normalize(new Float32Array(3)), new Float32Array(3));
  });

  it('keep their direction in bytes', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const bytes = quantize(Float32Array.from(values));
        assert.equal(bytes.reduce((most, value) => Math.max(most, Math.abs(value)), 0), 127);
        assert.ok(cosine(values, bytes) > 0.995);
      }),
    );
    assert.deepEqual(quantize(new Float32Array(3)), new Int8Array(3));
  });
});
