import type { EmbeddingStore } from '../domain/search/embedding-store.ts';
import { Gauge, type Registry } from '../platform/metrics.ts';
import { MOST_COUNTED } from '../services/search/meaning-desk.ts';

/** Registers how many products on sale have no meaning to the model; asked for when somebody looks. */
export function registerMeaningMetrics(registry: Registry, deps: { store: Pick<EmbeddingStore, 'count'>; model: string }): void {
  const { store, model } = deps;
  new Gauge({
    name: 'search_meanings_missing',
    help: 'Products on sale without a meaning, each at most 100000; waiting: not reckoned yet, refused: the embedding model does not take their text',
    labelNames: ['why'],
    registers: [registry],
    async collect() {
      const { waiting, refused } = await store.count(model, MOST_COUNTED);
      this.set({ why: 'waiting' }, waiting);
      this.set({ why: 'refused' }, refused);
    },
  });
}
