import type { DefinitionRegister } from '../../domain/search/definition-register.ts';
import type { ReindexProcess } from '../../domain/search/reindex-process.ts';
import type { SearchIndex } from '../../domain/search/search-index.ts';
import { indexName } from './search-desk.ts';

/** A rebuild that has failed, or was canceled, is not begun again by itself for so long. */
const AGAIN_AFTER_MS = 10 * 60_000;

/** So often an index is compared with the catalog: what should never be wrong, such as after a restored backup, does not stay wrong. */
const COMPARED_EVERY_MS = 24 * 60 * 60_000;
const LOOK_EVERY_MS = 10 * 60_000;

/**
 * Sees to it that an engine has an index, made as indexes are made now: builds one behind the old one when there is none, or when the
 * definition has changed, such as by another release or another embedding model. Of two releases that run side by side the later one
 * decides; what an operator has decided stays. Once a day an index is compared with the catalog, and mended. Call it all the time.
 */
export function createIndexEnsurer(deps: { index: SearchIndex; register: DefinitionRegister; process: ReindexProcess; now: () => Date }): () => Promise<void> {
  const { index, register, process, now } = deps;
  const { engine, definition } = index;
  let looked = -Infinity;
  return async () => {
    const { latest, chosen } = await register.announce(engine, definition);
    const searched = (await index.rebuild.list()).find(({ active }) => active);
    const enough = searched && (searched.current || !latest || chosen);
    const at = now().getTime();
    if (enough && at - looked < LOOK_EVERY_MS) return;
    const last = await process.standing(engine);
    looked = at;
    if (last && last.endedAt === null) return;
    const ended = last?.endedAt?.getTime() ?? -Infinity;
    if (enough) {
      if (at - ended >= COMPARED_EVERY_MS) await process.start({ engine, definition, name: searched.name, pauseMs: 0, dryRun: false, mendOnly: true });
      return;
    }
    if (last && last.phase !== 'done' && at - ended < AGAIN_AFTER_MS) return;
    await process.start({ engine, definition, name: indexName(now()), pauseMs: 0, dryRun: false });
  };
}
