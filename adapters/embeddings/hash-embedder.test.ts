import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dot, EMBEDDING_LIMITS } from '../../domain/search/embedding.ts';
import { createHashEmbedder } from './hash-embedder.ts';

const embedder = createHashEmbedder();
const vectorOf = async (text: string): Promise<Float32Array> => (await embedder.embed([text], 'query'))[0] ?? new Float32Array();
const likeness = async (one: string, other: string): Promise<number> => dot(await vectorOf(one), await vectorOf(other));
const isSame = (one: Float32Array, other: Float32Array): boolean => one.length === other.length && one.every((value, index) => value === other[index]);

describe('vectors by spelling', () => {
  it('are near for words in common, a little less for parts of words, and far for others', async () => {
    const [same, misspelt, other] = [await likeness('red travel mug', 'mug for travel, red'), await likeness('travel mug', 'travle mugs'), await likeness('travel mug', 'garden hose')];
    assert.ok(same > 0.8 && same > misspelt && misspelt > 0.25 && other < 0.15, `${same} ${misspelt} ${other}`);
  });

  it('know neither case nor accents, in any script', async () => {
    assert.ok((await likeness('CRÈME brûlée', 'creme brulee')) > 0.999);
    assert.ok((await likeness('синяя кружка', 'СИНЯЯ КРУЖКА')) > 0.999);
  });

  it('have length 1, or 0 without a word, and are the same each time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (text) => {
        const vector = await vectorOf(text);
        const length = Math.sqrt(dot(vector, vector));
        assert.equal(vector.length, embedder.dimensions);
        assert.ok(Math.abs(length - 1) < 1e-5 || length === 0);
        assert.ok(isSame(await vectorOf(text), vector));
      }),
    );
    assert.ok((await vectorOf('… !?')).every((value) => value === 0));
  });

  it('are bounded', async () => {
    await assert.rejects(embedder.embed(Array.from({ length: EMBEDDING_LIMITS.texts + 1 }, String), 'passage'), { code: 'INVALID_INPUT', field: 'texts' });
    assert.ok(isSame(await vectorOf('x '.repeat(50_000)), await vectorOf('x '.repeat(1_000))));
  });
});
