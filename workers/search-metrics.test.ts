import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMetrics } from '../platform/metrics.ts';
import { createSearchMetrics } from './search-metrics.ts';

describe('metrics of search', () => {
  it('are all of the reading that was asked for, which is made once', async () => {
    const registry = createMetrics({ role: 'worker' });
    let readings = 0;
    createSearchMetrics(registry, {
      engines: ['postgres'],
      source: { lag: async () => ({ changes: (readings += 1), seconds: readings }) },
      reindexing: { standing: async () => ({ name: 'products-1', phase: 'filling', total: 10, written: readings, mended: 0, refused: 0, problem: null, endedAt: null }) },
    });
    for (const reading of [1, 2]) {
      const text = await registry.metrics();
      const value = (name: string): string | undefined => text.split('\n').find((line) => line.startsWith(`${name}{`))?.split(' ').at(-1);
      assert.deepEqual([value('search_index_changes_behind'), value('search_index_seconds_behind'), value('search_rebuild_products'), value('search_rebuild_failed')], [String(reading), String(reading), '10', '0']);
    }
  });
});
