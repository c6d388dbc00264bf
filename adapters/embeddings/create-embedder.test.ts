import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startOpenAiEmulator } from '../../emulators/openai/server.ts';
import { embeddingModel } from '../../tests/support/embedding-model.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import type { EmbeddingConfig } from '../../platform/config.ts';
import { createEmbedder } from './create-embedder.ts';
import type { OpenEmbedder } from './local/local-embedder.ts';

const model = await embeddingModel();
const silent = (): void => undefined;

function open(settings: EmbeddingConfig, onProgress: (line: string) => void = silent): OpenEmbedder {
  const embedder = createEmbedder(settings, onProgress);
  assert.ok(embedder);
  return embedder;
}

describe('the embedder of the settings', () => {
  it('is none, or one by spelling', async () => {
    assert.equal(createEmbedder({ kind: 'none' }, silent), undefined);
    const embedder = open({ kind: 'hash' });
    assert.equal((await embedder.embed(['mug'], 'query'))?.[0]?.length, embedder.dimensions);
    await embedder.close();
  });

  it('asks an API once for the same query', async () => {
    const emulator = await startOpenAiEmulator();
    try {
      const embedder = open({ kind: 'openai', baseUrl: emulator.baseUrl, apiKey: undefined, model: 'emulated-small', dimensions: 384, timeoutMs: 5_000 });
      await embedder.embed(['travel mug'], 'query');
      await embedder.embed(['Travel  Mug'], 'query');
      assert.equal(((await (await fetch(`${emulator.url}/_emulator/usage`)).json()) as { requests: number }).requests, 1);
      await embedder.close();
    } finally {
      await emulator.close();
    }
  });

  it('tells why there is no model, once, and fails at once until it is tried again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'headlesspro-model-'));
    try {
      const modelFile = join(folder, 'model.onnx');
      await writeFile(modelFile, 'another');
      const told: string[] = [];
      const embedder = open({ kind: 'local', modelFile, timeoutMs: 2_000 }, (line) => told.push(line));
      await assert.rejects(embedder.embed(['mug'], 'passage'), { name: 'EmbeddingUnavailableError', reason: 'unavailable' });
      for (const kind of ['query', 'passage'] as const) await assert.rejects(embedder.embed(['mug'], kind), { reason: 'unavailable' });
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', /model\.onnx is not the model that is expected: delete it\. Until then products are found by their words/);
      await embedder.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('a model that is being opened', { skip: model.missing }, () => {
  it('lets queries go by their words, and passages wait', async () => {
    const embedder = open({ kind: 'local', modelFile: model.file, timeoutMs: 30_000 });
    try {
      const passage = embedder.embed(['mug'], 'passage');
      await assert.rejects(embedder.embed(['mug'], 'query'), { name: 'EmbeddingUnavailableError', reason: 'unavailable', message: /being opened/ });
      assert.equal((await passage)[0]?.length, embedder.dimensions);
      const [vector] = await waitFor(() => embedder.embed(['mug'], 'query'), { what: 'queries to have a meaning' });
      assert.equal(vector?.length, embedder.dimensions, 'the failure before was not remembered');
    } finally {
      await embedder.close();
    }
  });

  it('is closed whether or not it was there already', async () => {
    await open({ kind: 'local', modelFile: model.file, timeoutMs: 2_000 }).close();
    const embedder = open({ kind: 'local', modelFile: model.file, timeoutMs: 30_000 });
    await embedder.embed(['mug'], 'passage');
    await embedder.close();
    await assert.rejects(embedder.embed(['mug'], 'query'), { reason: 'unavailable', message: /closed/ });
  });
});
