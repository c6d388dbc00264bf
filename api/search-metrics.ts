import { Counter, type Registry } from '../platform/metrics.ts';
import type { AskEngine } from '../services/search/engine-choice.ts';

/** Counts answers of search: those that came from the engine that stands in, and all others. */
export function countAnswers(registry: Registry, ask: AskEngine): AskEngine {
  const answers = new Counter({ name: 'search_answers_total', help: 'Questions to a search engine that were answered; degraded: by the one that stands in', labelNames: ['degraded'], registers: [registry] });
  for (const degraded of ['true', 'false']) answers.inc({ degraded }, 0);
  return async (call) => {
    const answered = await ask(call);
    answers.inc({ degraded: String(answered.degraded) });
    return answered;
  };
}
