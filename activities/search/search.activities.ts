import { activityInfo, heartbeat, sleep } from '@temporalio/activity';
import type { IndexRebuilder } from '../../services/search/rebuild-index.ts';
import type { ReindexActivities } from '../../temporal/contracts/search.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

/** One call fills for so long at most: its worker may be replaced. */
const FILL_FOR_MS = 5 * 60_000;

const BEAT_EVERY_MS = 1_000;

interface Position {
  readonly after: string | null;
  readonly written: number;
}

const isPosition = (value: unknown): value is Position => typeof value === 'object' && value !== null && 'after' in value && 'written' in value;

/** The steps of building an index anew. `rebuilderOf`: raises INVALID_INPUT for an engine that is not there. */
export function createSearchActivities(rebuilderOf: (engine: string) => IndexRebuilder): ReindexActivities {
  return withFailures({
    beginIndex: ({ engine, name }) => whileHeartbeating(() => rebuilderOf(engine).begin(name)),
    async fillIndex({ engine, name, pauseMs, ...given }) {
      const begun = Date.now();
      // Where the try before this one was when its worker died.
      const told: unknown = activityInfo().heartbeatDetails;
      let at = isPosition(told) ? told : given;
      const beat = setInterval(() => heartbeat(at), BEAT_EVERY_MS);
      try {
        return await rebuilderOf(engine).fill(name, at, {
          pauseMs,
          pause: (ms) => sleep(ms),
          mayGoOn: () => Date.now() - begun < FILL_FOR_MS,
          onProgress(position) {
            at = position;
            heartbeat(at);
          },
        });
      } finally {
        clearInterval(beat);
      }
    },
    compareIndex: ({ engine, name }) => whileHeartbeating(() => rebuilderOf(engine).compare(name)),
    activateIndex: ({ engine, name }) => whileHeartbeating(async () => ({ before: await rebuilderOf(engine).activate(name) })),
    dropIndex: ({ engine, name }) => whileHeartbeating(() => rebuilderOf(engine).drop(name)),
    tidyIndexes: ({ engine, keep }) => whileHeartbeating(() => rebuilderOf(engine).tidy(keep)),
  } satisfies ReindexActivities);
}
