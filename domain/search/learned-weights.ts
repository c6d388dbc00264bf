import { MAX_WEIGHT, RANKING_SIGNALS, strengthOf, type RankingSignal, type RankingWeights } from './ranking.ts';
import { ndcgAt, reciprocalRank } from './relevance.ts';

/** A query, what the words alone found for it, and how good each product was for those who asked. */
export interface TrainingList {
  readonly text: string;
  readonly candidates: readonly { readonly id: string; readonly score: number; readonly signals: Readonly<Record<RankingSignal, number>> }[];
  /** 0 to 3 by product; what is absent is 0. */
  readonly grades: ReadonlyMap<string, number>;
}

/** How good rankings are on the whole, 0 to 1. */
export interface RankingQuality {
  readonly ndcg: number;
  readonly mrr: number;
}

/** How weights did against those that were live. */
export interface WeightEvaluation {
  /** Queries of shoppers that were kept from the learning. */
  readonly queries: number;
  readonly live: RankingQuality;
  readonly candidate: RankingQuality;
  /** The same on the judged queries; null: there are none. */
  readonly judged: { readonly queries: number; readonly live: RankingQuality; readonly candidate: RankingQuality } | null;
  /** On the same kept queries, by clicks as they are: they favour whatever put the clicked ones first. Absent: an earlier release has evaluated. */
  readonly clicked?: { readonly live: RankingQuality; readonly candidate: RankingQuality };
  /** How likely the first ten places were taken to be looked at, in proportion to the first. Absent: an earlier release has evaluated. */
  readonly examined?: readonly number[];
}

const DEPTH = 10;
const STEPS = [1, 0.5, 0.25, 0.1, 0.05] as const;
/** A smaller gain is chance. */
const LEAST_GAIN = 0.0005;
/** Weights that do as well with less are better. */
const COST_OF_WEIGHT = 0.0002;

const ranked = ({ candidates }: TrainingList, weights: RankingWeights): string[] =>
  candidates
    .map(({ id, score, signals }) => ({ id, score: score * strengthOf(signals, weights) }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);

const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length);

/** The means over lists that have anything good in them. */
export function rankingQuality(lists: readonly TrainingList[], weights: RankingWeights): RankingQuality {
  const qualities = lists.flatMap((list) => {
    const order = ranked(list, weights);
    const ndcg = ndcgAt(DEPTH, order, list.grades);
    return ndcg === undefined ? [] : [{ ndcg, reciprocal: reciprocalRank(order, list.grades, 1) }];
  });
  return { ndcg: mean(qualities.map(({ ndcg }) => ndcg)), mrr: mean(qualities.map(({ reciprocal }) => reciprocal)) };
}

/**
 * Weights that put what was wanted before what was not: coordinate ascent on NDCG@10, one weight at a time by smaller and smaller
 * steps, from where the live ones are. Deterministic. Never worse than the start on these lists.
 */
export function learnWeights(lists: readonly TrainingList[], start: RankingWeights): RankingWeights {
  const steps = weightSteps(lists, start);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same step by step, for whoever has something else to do meanwhile: over a thousand lists it takes seconds, each step some milliseconds. */
export function* weightSteps(lists: readonly TrainingList[], start: RankingWeights): Generator<void, RankingWeights> {
  const worth = (weights: RankingWeights): number => rankingQuality(lists, weights).ndcg - COST_OF_WEIGHT * RANKING_SIGNALS.reduce((sum, signal) => sum + weights[signal], 0);
  let best = start;
  let bestWorth = worth(start);
  for (const step of STEPS) {
    for (let improved = true; improved; ) {
      improved = false;
      for (const signal of RANKING_SIGNALS) {
        for (const change of [step, -step]) {
          const weight = Math.round((best[signal] + change) * 100) / 100;
          if (weight < 0 || weight > MAX_WEIGHT) continue;
          yield;
          const weights = { ...best, [signal]: weight };
          const reached = worth(weights);
          if (reached < bestWorth + LEAST_GAIN) continue;
          best = weights;
          bestWorth = reached;
          improved = true;
        }
      }
    }
  }
  return best;
}

/** Whether they are the same. */
export const sameWeights = (left: RankingWeights, right: RankingWeights): boolean => RANKING_SIGNALS.every((signal) => left[signal] === right[signal]);

/** Whether the candidate is at least as good as what is live, on what shoppers did and on what was judged. */
export const isNoWorse = ({ live, candidate, judged }: WeightEvaluation): boolean =>
  candidate.ndcg >= live.ndcg && (judged === null || judged.candidate.ndcg >= judged.live.ndcg);
