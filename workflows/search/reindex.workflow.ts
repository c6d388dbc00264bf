import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  TimeoutFailure,
  condition,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import {
  REINDEX_PROGRESS_MEMO,
  isReindexFillPosition,
  reindexCanceledSignal,
  reindexPaceSignal,
  reindexProgressQuery,
  type ReindexActivities,
  type ReindexFillPosition,
  type ReindexInput,
  type ReindexProgress,
} from '../../temporal/contracts/search.ts';

// All of them beat, so that a killed worker is noticed, and filling goes on where it was.
const { beginIndex, fillIndex, compareIndex, activeIndex, activateIndex, dropIndex, tidyIndexes } = proxyActivities<ReindexActivities>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
  // A step that is interrupted tells where it is.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** What changes during a comparison is not wrong; who is wrong so often is not to be mended. */
const COMPARISONS = 10;
/** A few odd products must not keep all others from being found. */
const REFUSED_AT_MOST = 10;
const REFUSED_SHARE = 0.01;

const START: ReindexProgress = { phase: 'filling', total: 0, written: 0, after: null, mended: 0, refused: 0, problem: null, before: null };

const conflict = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'CONFLICT');

/** What to tell of a failure: that of the activity, not that there was one. */
const messageOf = (error: unknown): string => (error instanceof ActivityFailure && error.cause ? error.cause.message : error instanceof Error ? error.message : String(error));

/** Where the filling was that its worker was killed in while it was interrupted. */
function lastPosition(error: unknown): ReindexFillPosition | undefined {
  const told: unknown = error instanceof ActivityFailure && error.cause instanceof TimeoutFailure ? error.cause.lastHeartbeatDetails : undefined;
  return isReindexFillPosition(told) ? told : undefined;
}

/**
 * Builds an index anew beside the one that is searched, which goes on being searched and written. Only when the new one agrees with
 * the catalog, it takes over. `mendOnly`: compares the one that is searched, and mends it.
 */
export async function reindex(input: ReindexInput): Promise<ReindexProgress> {
  const { engine, name, dryRun, definition, mendOnly = false } = input;
  const index = { engine, name, definition };
  let { pauseMs } = input;
  let canceled = false;
  let step: CancellationScope | undefined;
  let progress: ReindexProgress = input.resume ?? START;
  setHandler(reindexProgressQuery, () => progress);
  setHandler(reindexCanceledSignal, () => {
    canceled = true;
    step?.cancel();
  });
  setHandler(reindexPaceSignal, (asked) => {
    pauseMs = asked;
    if (progress.phase === 'filling') step?.cancel();
  });

  function note(change: Partial<ReindexProgress>): ReindexProgress {
    progress = { ...progress, ...change };
    upsertMemo({ [REINDEX_PROGRESS_MEMO]: progress });
    return progress;
  }

  /** A step that a message may end early; undefined: it did, and nothing is known of it. */
  async function interruptible<T>(call: () => Promise<T>, rescue: (error: unknown) => T | undefined = () => undefined): Promise<T | undefined> {
    const scope = new CancellationScope();
    step = scope;
    try {
      return await scope.run(call);
    } catch (error) {
      if (!scope.consideredCancelled || CancellationScope.current().consideredCancelled) throw error;
      return rescue(error);
    } finally {
      step = undefined;
    }
  }

  const giveUp = async (phase: 'canceled' | 'failed', problem = progress.problem): Promise<ReindexProgress> => {
    if (!mendOnly) await dropIndex({ engine, name });
    return note({ phase, problem });
  };

  async function fill(): Promise<void> {
    while (progress.phase === 'filling' && !canceled) {
      const { after, written, refused, problem } = progress;
      const at = { after, written, refused, problem };
      const reached = await interruptible(() => fillIndex({ ...index, ...at, pauseMs }), (error) => ({ ...(lastPosition(error) ?? at), done: false }));
      if (reached) {
        const { done, ...position } = reached;
        note({ ...position, ...(done ? { phase: 'comparing' as const } : {}) });
        checkRefused(position.refused, progress.total);
      }
      const { continueAsNewSuggested, memo = {} } = workflowInfo();
      // What was noted is not handed on by itself: operators would see nothing of it until the next note.
      if (continueAsNewSuggested && progress.phase === 'filling' && !canceled) await makeContinueAsNewFunc<typeof reindex>({ memo })({ ...input, pauseMs, resume: progress });
    }
  }

  function checkRefused(refused: number, documents: number): void {
    if (refused > Math.max(REFUSED_AT_MOST, documents * REFUSED_SHARE) || (refused > 0 && refused >= documents)) throw conflict(`${refused} products are refused: ${progress.problem ?? ''}`);
  }

  async function compare(): Promise<void> {
    for (let comparison = 1; !canceled; comparison += 1) {
      const compared = await interruptible(() => compareIndex(index));
      if (!compared) continue;
      const { documents, mended, refused, problem } = compared;
      note({ mended: progress.mended + mended, refused, problem });
      checkRefused(refused, documents);
      if (mended === 0) return;
      if (comparison >= COMPARISONS) throw conflict(`The index still differs from the catalog after ${COMPARISONS} comparisons`);
      await condition(() => canceled, comparison * 1_000);
    }
  }

  async function run(): Promise<ReindexProgress> {
    if (!input.resume) note(mendOnly ? { phase: 'comparing' } : { total: (await beginIndex(index)).total });
    await fill();
    await compare();
    if (canceled) return giveUp('canceled');
    if (mendOnly) return note({ phase: 'done' });
    if (dryRun) {
      await dropIndex({ engine, name });
      return note({ phase: 'done' });
    }
    // Asked before, since afterwards nobody knows it any more.
    const { name: before } = await activeIndex({ engine });
    await activateIndex({ engine, name });
    // The one before stays, for whoever wants to go back.
    await tidyIndexes({ engine, keep: [name, ...(before === null ? [] : [before])] });
    return note({ phase: 'done', before });
  }

  try {
    return await run();
  } catch (error) {
    if (isCancellation(error)) return CancellationScope.nonCancellable(() => giveUp('canceled'));
    if (!(error instanceof ActivityFailure) && !(error instanceof ApplicationFailure)) throw error;
    const problem = messageOf(error);
    await giveUp('failed', problem);
    throw error instanceof ApplicationFailure ? error : conflict(problem);
  }
}
