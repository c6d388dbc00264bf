import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DefinitionStanding } from '../../domain/search/definition-register.ts';
import type { ReindexStanding } from '../../domain/search/reindex-process.ts';
import type { IndexListing, SearchIndex } from '../../domain/search/search-index.ts';
import { createIndexEnsurer } from './ensure-index.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);
const standing = (phase: ReindexStanding['phase'], endedAt: Date | null): ReindexStanding => ({ name: '', phase, total: 0, written: 0, mended: 0, refused: 0, problem: null, endedAt });
const listed = (state: Partial<IndexListing>): IndexListing => ({ name: 'products-old', documents: 1, active: true, building: false, current: true, ...state });
const JUST_DONE = standing('done', ago(5));

/** What is begun: `build`, `mend`, or nothing. */
async function begun(given: { indexes: readonly IndexListing[]; register?: Partial<DefinitionStanding>; last?: ReindexStanding | undefined }): Promise<string[]> {
  const starts: string[] = [];
  const ensure = createIndexEnsurer({
    index: { engine: 'elasticsearch', definition: 'now', rebuild: { list: async () => given.indexes } } as unknown as SearchIndex,
    register: { announce: async () => ({ latest: true, chosen: false, ...given.register }), choose: () => assert.fail() },
    process: {
      async start({ engine, definition, name, mendOnly = false }) {
        assert.deepEqual([engine, definition], ['elasticsearch', 'now']);
        starts.push(mendOnly ? `mend ${name}` : 'build');
        return true;
      },
      standing: async () => given.last,
      cancel: () => assert.fail(),
      pace: () => assert.fail(),
    },
    now: () => NOW,
  });
  await ensure();
  return starts;
}

describe('an engine', () => {
  it('gets its first index, also when the one that is building was given up', async () => {
    assert.deepEqual(await begun({ indexes: [] }), ['build']);
    assert.deepEqual(await begun({ indexes: [listed({ active: false, building: true })], last: standing('done', ago(60)) }), ['build']);
  });

  it('gets another when its definition has changed, but of two releases the later one decides, and operators above both', async () => {
    const indexes = [listed({ current: false })];
    assert.deepEqual(await begun({ indexes, last: JUST_DONE }), ['build']);
    assert.deepEqual(await begun({ indexes, last: JUST_DONE, register: { latest: false } }), []);
    assert.deepEqual(await begun({ indexes, last: JUST_DONE, register: { chosen: true } }), []);
  });

  it('is left alone while a rebuild is under way, and for a while after one that failed', async () => {
    for (const indexes of [[], [listed({ current: false })]]) {
      assert.deepEqual(await begun({ indexes, last: standing('filling', null) }), []);
      assert.deepEqual(await begun({ indexes, last: standing('failed', ago(9)) }), []);
      assert.deepEqual(await begun({ indexes, last: standing('canceled', ago(9)) }), []);
      assert.deepEqual(await begun({ indexes, last: standing('failed', ago(11)) }), ['build']);
    }
  });

  it('has its index compared once a day', async () => {
    assert.deepEqual(await begun({ indexes: [listed({})], last: JUST_DONE }), []);
    assert.deepEqual(await begun({ indexes: [listed({})], last: standing('done', ago(23 * 60)) }), []);
    assert.deepEqual(await begun({ indexes: [listed({})], last: standing('done', ago(24 * 60)) }), ['mend products-old']);
    assert.deepEqual(await begun({ indexes: [listed({ current: false })], register: { chosen: true }, last: standing('done', ago(25 * 60)) }), ['mend products-old']);
    assert.deepEqual(await begun({ indexes: [listed({})], last: undefined }), ['mend products-old'], 'Temporal has forgotten the last');
  });
});
