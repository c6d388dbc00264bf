import { SearchUnavailableError, type SearchIndex } from '../../domain/search/search-index.ts';

/** Who answers, and whether it is the engine that stands in. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly degraded: boolean;
}

/** Asks the engine that answers now. */
export type AskEngine = <Answer>(call: (engine: SearchIndex) => Promise<Answer>) => Promise<Answered<Answer>>;

const FAILURES_TO_OPEN = 3;
const OPEN_MS = 10_000;

/**
 * Asks the first engine, and the one that stands in when it does not answer. After a few failures it is left alone for a while, so
 * that shoppers do not wait for its time-out each time. `now`: milliseconds of a clock that never goes back.
 */
export function createEngineChoice(deps: { index: SearchIndex; standIn?: SearchIndex | undefined; now: () => number; onFailure: (error: unknown) => void }): AskEngine {
  const { index, standIn, now, onFailure } = deps;
  let failures = 0;
  let openUntil = 0;

  return async (call) => {
    if (!standIn) return { answer: await call(index), degraded: false };
    if (now() < openUntil) return { answer: await call(standIn), degraded: true };
    // After a pause one asks for all: the others would wait for the same time-out.
    if (failures >= FAILURES_TO_OPEN) openUntil = now() + OPEN_MS;
    try {
      const answer = await call(index);
      failures = 0;
      openUntil = 0;
      return { answer, degraded: false };
    } catch (error) {
      if (!(error instanceof SearchUnavailableError)) throw error;
      onFailure(error);
      failures += 1;
      if (failures >= FAILURES_TO_OPEN) openUntil = now() + OPEN_MS;
      return { answer: await call(standIn), degraded: true };
    }
  };
}
