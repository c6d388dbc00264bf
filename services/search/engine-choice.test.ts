import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SearchUnavailableError, type SearchIndex } from '../../domain/search/search-index.ts';
import { createEngineChoice } from './engine-choice.ts';

const refuse = (): never => assert.fail('not asked');
const engineNamed = (engine: SearchIndex['engine']): SearchIndex => ({
  ...{ engine, definition: '', search: refuse, nearest: refuse, vectorOf: refuse, suggest: refuse, write: refuse, remove: refuse, refresh: refuse },
  rebuild: { begin: refuse, fill: refuse, sums: refuse, bucket: refuse, activate: refuse, active: refuse, drop: refuse, list: refuse, marks: refuse },
});
const first = engineNamed('elasticsearch');
const standIn = engineNamed('postgres');

function circuit() {
  const state = { now: 0, up: true, asked: 0, failures: 0 };
  const ask = createEngineChoice({ index: first, standIn, now: () => state.now, onFailure: () => (state.failures += 1) });
  const answer = async (): Promise<string> => {
    const { answer: engine, degraded } = await ask(async (index) => {
      if (index === standIn) return index.engine;
      state.asked += 1;
      if (!state.up) throw new SearchUnavailableError('down');
      return index.engine;
    });
    return `${engine}${degraded ? ' degraded' : ''}`;
  };
  return { state, answer, ask };
}

describe('the engine that answers', () => {
  it('is the first while it does', async () => {
    const { state, answer } = circuit();
    assert.equal(await answer(), 'elasticsearch');
    state.up = false;
    assert.equal(await answer(), 'postgres degraded');
    state.up = true;
    assert.equal(await answer(), 'elasticsearch', 'one failure opens nothing');
  });

  it('is left alone after three failures in a row, then tried again by one', async () => {
    const { state, answer } = circuit();
    state.up = false;
    for (let times = 0; times < 3; times += 1) await answer();
    assert.deepEqual([state.asked, state.failures], [3, 3]);
    for (let times = 0; times < 5; times += 1) assert.equal(await answer(), 'postgres degraded');
    assert.equal(state.asked, 3);
    state.now = 9_999;
    await answer();
    assert.equal(state.asked, 3);
    state.now = 10_000;
    assert.deepEqual(new Set(await Promise.all(Array.from({ length: 20 }, answer))), new Set(['postgres degraded']));
    assert.equal(state.asked, 4, 'one of twenty waits for its time-out');
    state.now = 20_000;
    state.up = true;
    assert.equal(await answer(), 'elasticsearch');
    assert.equal(await answer(), 'elasticsearch');
    state.up = false;
    await answer();
    state.up = true;
    assert.equal(await answer(), 'elasticsearch', 'it counts from the beginning');
  });

  it('passes on what is no outage, and an outage when nothing stands in', async () => {
    const { ask, state } = circuit();
    await assert.rejects(ask(() => Promise.reject(new TypeError('a mistake'))), TypeError);
    assert.equal(state.failures, 0);
    const alone = createEngineChoice({ index: first, now: () => 0, onFailure: refuse });
    await assert.rejects(alone(() => Promise.reject(new SearchUnavailableError('down'))), SearchUnavailableError);
    assert.deepEqual(await alone(async ({ engine }) => engine), { answer: 'elasticsearch', degraded: false });
  });
});
