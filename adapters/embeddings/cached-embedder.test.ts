import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EMBEDDING_LIMITS, EmbeddingUnavailableError, type EmbeddedKind, type Embedder } from '../../domain/search/embedding.ts';
import { cachedEmbedder } from './cached-embedder.ts';

interface Asked {
  readonly texts: readonly string[];
  readonly kind: EmbeddedKind;
}

/** An embedder that waits until it is let go on, and writes down what it was asked. */
function scripted(): { embedder: Embedder; asked: Asked[]; answer(): void; fail(error: Error): void } {
  const asked: Asked[] = [];
  const waiting: { resolve(): void; reject(error: Error): void }[] = [];
  return {
    asked,
    answer: () => waiting.splice(0).forEach(({ resolve }) => resolve()),
    fail: (error) => waiting.splice(0).forEach(({ reject }) => reject(error)),
    embedder: {
      model: 'scripted',
      dimensions: 2,
      async embed(texts, kind) {
        asked.push({ texts, kind });
        await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
        return texts.map((text) => Float32Array.of(text.length, asked.length));
      },
    },
  };
}

describe('the cache of queries', () => {
  it('makes a vector once, whatever the case and spaces, and gives a copy to each', async () => {
    const { embedder, asked, answer } = scripted();
    const cached = cachedEmbedder(embedder);
    const first = cached.embed(['Red  Mug'], 'query');
    answer();
    const [vector] = await first;
    vector?.fill(9);
    assert.deepEqual(await cached.embed([' red mug '], 'query'), [Float32Array.of(7, 1)]);
    assert.deepEqual(asked, [{ texts: ['red mug'], kind: 'query' }]);
    assert.deepEqual([cached.model, cached.dimensions], ['scripted', 2]);
  });

  it('waits for one that is being made', async () => {
    const { embedder, asked, answer } = scripted();
    const cached = cachedEmbedder(embedder);
    const all = Promise.all([cached.embed(['mug'], 'query'), cached.embed(['mug', 'cup'], 'query'), cached.embed(['cup', 'cup'], 'query')]);
    answer();
    const vectors = (await all).map((each) => each.map((vector) => [...vector]));
    assert.deepEqual(asked.map(({ texts }) => texts), [['mug'], ['cup']]);
    assert.deepEqual(vectors[2], [vectors[1]?.[1], vectors[1]?.[1]]);
    assert.deepEqual(vectors[0]?.[0], vectors[1]?.[0]);
  });

  it('forgets a failure', async () => {
    const { embedder, asked, answer, fail } = scripted();
    const cached = cachedEmbedder(embedder);
    const failed = Promise.allSettled([cached.embed(['mug'], 'query'), cached.embed(['mug'], 'query')]);
    fail(new EmbeddingUnavailableError('timeout', 'Too late'));
    assert.deepEqual((await failed).map(({ status }) => status), ['rejected', 'rejected']);
    const again = cached.embed(['mug'], 'query');
    answer();
    assert.equal((await again).length, 1);
    assert.equal(asked.length, 2);
  });

  it('keeps so many, those that were asked for last', async () => {
    const { embedder, asked, answer } = scripted();
    const cached = cachedEmbedder(embedder, 2);
    const ask = async (text: string): Promise<void> => {
      const embedded = cached.embed([text], 'query');
      answer();
      await embedded;
    };
    for (const text of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(text);
    assert.deepEqual(asked.map(({ texts: [text] }) => text), ['a', 'b', 'c', 'b'], 'b made room for c');
  });

  it('answers a call with more texts than it keeps', async () => {
    const { embedder, answer } = scripted();
    const embedded = cachedEmbedder(embedder, 1).embed(['a', 'bb', 'ccc'], 'query');
    answer();
    assert.deepEqual((await embedded).map(([length]) => length), [1, 2, 3]);
  });

  it('lets passages pass, as they are', async () => {
    const { embedder, asked, answer } = scripted();
    const cached = cachedEmbedder(embedder);
    for (let time = 0; time < 2; time += 1) {
      const embedded = cached.embed(['A  Mug', 'A  Mug'], 'passage');
      answer();
      await embedded;
    }
    assert.deepEqual(asked, [{ texts: ['A  Mug', 'A  Mug'], kind: 'passage' }, { texts: ['A  Mug', 'A  Mug'], kind: 'passage' }]);
  });

  it('says so when the embedder gives too few, and refuses too many texts', async () => {
    const short: Embedder = { model: 'short', dimensions: 1, embed: async () => [] };
    await assert.rejects(cachedEmbedder(short).embed(['mug'], 'query'), /too few vectors/);
    await assert.rejects(cachedEmbedder(short).embed(Array.from({ length: EMBEDDING_LIMITS.texts + 1 }, String), 'query'), { code: 'INVALID_INPUT', field: 'texts' });
  });
});
