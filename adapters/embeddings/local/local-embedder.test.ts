import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dot, EMBEDDING_LIMITS } from '../../../domain/search/embedding.ts';
import { embeddingModel } from '../../../tests/support/embedding-model.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { createLocalEmbedder, LOCAL_DIMENSIONS, type OpenEmbedder } from './local-embedder.ts';

const model = await embeddingModel();
/** Long enough on a busy machine. */
const TIMEOUT_MS = 30_000;
/** Of 128 tokens, the longest that the model reads: tens of milliseconds. */
const LONG = 'a warm red woollen blanket for cold evenings '.repeat(40);

const likeness = ([one = new Float32Array(), other = new Float32Array()]: readonly Float32Array[]): number => dot(one, other);

describe('a model file', () => {
  it('that is not there, or is another, is refused with what to do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headlesspro-model-'));
    try {
      await assert.rejects(createLocalEmbedder({ modelFile: join(folder, 'none.onnx'), timeoutMs: TIMEOUT_MS }), /ENOENT/);
      await writeFile(join(folder, 'other.onnx'), 'another model');
      await assert.rejects(createLocalEmbedder({ modelFile: join(folder, 'other.onnx'), timeoutMs: TIMEOUT_MS }), /other\.onnx is not the model that is expected: delete it/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the local model', { skip: model.missing }, () => {
  let embedder: OpenEmbedder;
  before(async () => {
    embedder = await createLocalEmbedder({ modelFile: model.file, timeoutMs: TIMEOUT_MS });
  });
  after(() => embedder.close());

  it('puts texts of one meaning near each other, whatever their words', async () => {
    const [same, other] = [await embedder.embed(['something to keep coffee hot', 'insulated travel mug'], 'query'), await embedder.embed(['something to keep coffee hot', 'garden hose'], 'query')];
    assert.ok(likeness(same) > 0.4 && likeness(other) < 0.2, `${likeness(same)} and ${likeness(other)}`);
  });

  it('gives the likenesses that the model is documented with', async () => {
    // The quick start of Sentence Transformers, by the full weights; those of eight bits are a little off.
    const vectors = await embedder.embed(['The weather is lovely today.', "It's so sunny outside!", 'He drove to the stadium.'], 'passage');
    const [weather = new Float32Array(), sunny = new Float32Array(), stadium = new Float32Array()] = vectors;
    for (const [pair, documented] of [[[weather, sunny], 0.666], [[weather, stadium], 0.1046], [[sunny, stadium], 0.1411]] as const)
      assert.ok(Math.abs(likeness(pair) - documented) < 0.06, `${likeness(pair)} instead of ${documented}`);
    for (const vector of vectors) assert.ok(vector.length === LOCAL_DIMENSIONS && Math.abs(dot(vector, vector) - 1) < 1e-4);
  });

  it('takes any text: none, symbols, other scripts, very long ones', async () => {
    const vectors = await embedder.embed(['', '… !?', '马克杯', 'x'.repeat(100_000), '[CLS] [SEP] \u0000'], 'query');
    const lengths = vectors.map((vector) => Math.round(dot(vector, vector)));
    assert.deepEqual(lengths, [0, 0, 1, 1, 1]);
    await assert.rejects(embedder.embed(Array.from({ length: EMBEDDING_LIMITS.texts + 1 }, String), 'passage'), { code: 'INVALID_INPUT', field: 'texts' });
  });

  it('answers a query before the passages that were there first', async () => {
    let passagesDone = false;
    const passages = embedder.embed(Array.from({ length: 20 }, (_, index) => `${LONG} ${index}`), 'passage').then((vectors) => {
      passagesDone = true;
      return vectors;
    });
    for (let query = 0; query < 3; query += 1) {
      await embedder.embed([`mug ${query}`], 'query');
      assert.ok(!passagesDone, 'the query has overtaken them');
    }
    assert.equal((await passages).length, 20);
  });

  it('tells a caller to come back when too many wait', async () => {
    const all = await Promise.allSettled(Array.from({ length: 130 }, (_, index) => embedder.embed([`mug ${index}`], 'query')));
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { reason?: string }).reason] : []));
    assert.ok(refused.length >= 28 && refused.length <= 30, `${refused.length} were refused`);
    assert.ok(refused.every((reason) => reason === 'overloaded'));
    const batch = (): Promise<Float32Array[]> => embedder.embed(Array.from({ length: 256 }, () => '…'), 'passage');
    assert.equal((await batch()).length, 256, 'what needs no model waits for nobody');
  });
});

describe('a model that does not answer', { skip: model.missing }, () => {
  it('is given up in time, ended and started anew', async () => {
    const embedder = await createLocalEmbedder({ modelFile: model.file, timeoutMs: 1 });
    try {
      // No text takes as little as a millisecond.
      await assert.rejects(embedder.embed([LONG], 'query'), { name: 'EmbeddingUnavailableError', reason: 'timeout', message: /1 ms a text/ });
      // 256 texts' time is enough for the one among them that has words.
      const patient = (): Promise<Float32Array[]> => embedder.embed(['mug', ...Array.from({ length: 255 }, () => '…')], 'passage');
      const vectors = await waitFor(() => patient().catch(() => undefined), { what: 'the thread to be there again', timeoutMs: 30_000 });
      assert.equal(Math.round(dot(vectors[0] ?? new Float32Array(), vectors[0] ?? new Float32Array())), 1);
    } finally {
      await embedder.close();
    }
  });

  it('fails who waits when it is closed, and whoever comes after', async () => {
    const embedder = await createLocalEmbedder({ modelFile: model.file, timeoutMs: TIMEOUT_MS });
    const waiting = Promise.allSettled([embedder.embed([LONG, LONG, LONG], 'passage'), embedder.embed([LONG], 'query')]);
    await embedder.close();
    for (const one of await waiting) assert.match(one.status === 'rejected' ? String(one.reason) : 'it was answered', /closed/);
    await assert.rejects(embedder.embed(['mug'], 'query'), { name: 'EmbeddingUnavailableError', reason: 'unavailable' });
    await embedder.close();
  });

  it('is let alone for a while when its file is gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headlesspro-model-'));
    const modelFile = join(folder, 'model.onnx');
    await copyFile(model.file, modelFile);
    const embedder = await createLocalEmbedder({ modelFile, timeoutMs: 1 });
    try {
      await rename(modelFile, `${modelFile}.gone`);
      await assert.rejects(embedder.embed([LONG], 'query'), { reason: 'timeout' });
      const patient = Array.from({ length: 256 }, () => 'mug');
      const failure = await waitFor(() => embedder.embed(patient, 'passage').then(() => undefined, (error: unknown) => (error instanceof Error && /load/.test(error.message) ? error.message : undefined)), { what: 'the load to fail', timeoutMs: 30_000 });
      assert.match(failure, /cannot be loaded|could not be loaded a moment ago/);
      await assert.rejects(embedder.embed(['mug'], 'query'), { reason: 'unavailable', message: /a moment ago/ });
    } finally {
      await embedder.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
