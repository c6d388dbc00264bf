import { ApplicationFailure, CancelledFailure, activityInfo, cancellationDetails, cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { IndexGoneError, SearchRefusedError } from '../../domain/search/search-index.ts';
import type { IndexRebuilder, Pacing } from '../../services/search/rebuild-index.ts';
import { isReindexFillPosition, type ReindexActivities } from '../../temporal/contracts/search.ts';
import { withFailures } from '../failures.ts';
import { whileHeartbeating } from '../heartbeat.ts';

/** One call fills for so long at most: then the workflow knows where it is, and its worker may be replaced. */
const FILL_FOR_MS = 10_000;
const BEAT_EVERY_MS = 1_000;
/** So often a worker of the right release is looked for. */
const TRIES_FOR_RELEASE = 120;
const NEXT_RELEASE_MS = 1_000;

/** Waits, but for no longer than until the activity is canceled. */
async function pause(ms: number): Promise<void> {
  await sleep(ms).catch((error: unknown) => {
    if (!(error instanceof CancelledFailure)) throw error;
  });
}

/** The steps of building an index anew. `rebuilderOf`: raises INVALID_INPUT for an engine that is not there. */
export function createSearchActivities(rebuilderOf: (engine: string) => IndexRebuilder): ReindexActivities {
  /** Workers of two releases may make indexes in two ways: each leaves those of the other alone. */
  function rebuilderFor({ engine, definition }: { engine: string; definition?: string | undefined }): IndexRebuilder {
    const rebuilder = rebuilderOf(engine);
    if (definition === undefined || definition === rebuilder.definition) return rebuilder;
    throw ApplicationFailure.create({
      type: 'CONFLICT',
      message: `The index is made as ${definition}, by workers of another release than this one, which makes it as ${rebuilder.definition}`,
      nextRetryDelay: NEXT_RELEASE_MS,
      nonRetryable: activityInfo().attempt >= TRIES_FOR_RELEASE,
    });
  }
  /** What was taken away does not come back by trying again, and what is wrong does not become right. */
  async function lasting<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof IndexGoneError) throw ApplicationFailure.nonRetryable('The index was taken away meanwhile', 'CONFLICT', error);
      if (error instanceof SearchRefusedError) throw ApplicationFailure.nonRetryable(error.message, 'CONFLICT', error);
      throw error;
    }
  }
  const paced = (goOn: () => boolean = () => true): Pacing => {
    const canceled = cancellationSignal();
    return { pause, mayGoOn: () => !canceled.aborted && goOn() };
  };

  return withFailures({
    beginIndex: (input) => whileHeartbeating(() => lasting(() => rebuilderFor(input).begin(input.name))),
    async fillIndex({ engine, name, definition, pauseMs, ...given }) {
      const begun = Date.now();
      // Where the try before this one was when its worker died.
      const told: unknown = activityInfo().heartbeatDetails;
      let at = isReindexFillPosition(told) ? told : given;
      const beat = setInterval(() => heartbeat(at), BEAT_EVERY_MS);
      try {
        return await lasting(() =>
          rebuilderFor({ engine, definition }).fill(name, at, {
            ...paced(() => Date.now() - begun < FILL_FOR_MS),
            pauseMs,
            onProgress(position) {
              at = position;
              heartbeat(at);
            },
          }),
        );
      } finally {
        clearInterval(beat);
      }
    },
    compareIndex: (input) =>
      whileHeartbeating(async () => {
        const compared = await lasting(() => rebuilderFor(input).compare(input.name, paced()));
        if (compared !== null) return compared;
        if (cancellationDetails()?.cancelRequested) throw new CancelledFailure('The comparison was given up');
        throw ApplicationFailure.retryable('The worker ends: another one compares');
      }),
    activeIndex: ({ engine }) => whileHeartbeating(async () => ({ name: await rebuilderOf(engine).active() })),
    activateIndex: ({ engine, name }) => whileHeartbeating(() => lasting(() => rebuilderOf(engine).activate(name))),
    dropIndex: ({ engine, name }) => whileHeartbeating(() => rebuilderOf(engine).drop(name)),
    tidyIndexes: ({ engine, keep }) => whileHeartbeating(() => rebuilderOf(engine).tidy(keep)),
  } satisfies ReindexActivities);
}
