import { ApplicationFailure, condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import { reindexCanceledSignal, reindexPaceSignal, reindexProgressQuery, type ReindexActivities, type ReindexInput, type ReindexProgress } from '../../temporal/contracts/search.ts';

// All of them beat, so that a killed worker is noticed, and filling goes on where it was.
const { beginIndex, fillIndex, compareIndex, activateIndex, dropIndex, tidyIndexes } = proxyActivities<ReindexActivities>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '1m' },
});

/** Products change while they are compared; so often they may have to be written again. */
const COMPARISONS = 10;

/**
 * Builds an index anew beside the one that is searched, which goes on being searched and written. Only when the new one agrees with
 * the catalog, it takes over.
 */
export async function reindex(input: ReindexInput): Promise<ReindexProgress> {
  const { engine, name, dryRun } = input;
  let { pauseMs } = input;
  let canceled = false;
  let progress: ReindexProgress = input.resume ?? { phase: 'filling', total: 0, written: 0, after: null, mended: 0, before: null };
  const note = (change: Partial<ReindexProgress>): ReindexProgress => (progress = { ...progress, ...change });
  setHandler(reindexProgressQuery, () => progress);
  setHandler(reindexCanceledSignal, () => {
    canceled = true;
  });
  setHandler(reindexPaceSignal, (asked) => {
    pauseMs = asked;
  });

  const giveUp = async (phase: 'canceled' | 'failed'): Promise<ReindexProgress> => {
    await dropIndex({ engine, name });
    return note({ phase });
  };

  const { total } = await beginIndex({ engine, name });
  note({ total });
  while (progress.phase === 'filling') {
    if (canceled) return giveUp('canceled');
    const { after, written, done } = await fillIndex({ engine, name, after: progress.after, written: progress.written, pauseMs });
    note({ after, written, ...(done ? { phase: 'comparing' as const } : {}) });
    if (workflowInfo().continueAsNewSuggested && !done) return continueAsNew<typeof reindex>({ ...input, pauseMs, resume: progress });
  }

  for (let comparison = 1; ; comparison += 1) {
    if (canceled) return giveUp('canceled');
    const { mended } = await compareIndex({ engine, name });
    note({ mended: progress.mended + mended });
    if (mended === 0) break;
    if (comparison === COMPARISONS) {
      await giveUp('failed');
      throw ApplicationFailure.nonRetryable(`The new index still differs from the catalog after ${COMPARISONS} comparisons`, 'CONFLICT');
    }
    await condition(() => canceled, comparison * 1_000);
  }

  if (dryRun) {
    await dropIndex({ engine, name });
    return note({ phase: 'done' });
  }
  const { before } = await activateIndex({ engine, name });
  // The one before stays, for whoever wants to go back.
  await tidyIndexes({ engine, keep: [name, ...(before === null ? [] : [before])] });
  return note({ phase: 'done', before });
}
