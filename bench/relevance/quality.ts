import { ndcgAt, recallAt, reciprocalRank } from '../../domain/search/relevance.ts';
import type { JudgedQuery } from './judged-set.ts';
import { DEPTH, type Rank } from './rankings.ts';

/** How one query was answered. */
export interface Answered {
  readonly judged: JudgedQuery;
  readonly ranking: readonly string[];
}

/** Means over queries that something is relevant to, 0 to 1; `shown`: products on the first page for queries that nothing is relevant to. */
export interface Quality {
  readonly queries: number;
  readonly ndcg: number;
  readonly mrr: number;
  readonly recall: number;
  readonly shown: number;
}

export async function answerAll(queries: readonly JudgedQuery[], rank: Rank): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (const judged of queries) answered.push({ judged, ranking: await rank(judged.query) });
  return answered;
}

const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length);

export function qualityOf(answered: readonly Answered[]): Quality {
  const relevant = answered.filter(({ judged }) => judged.grades.size > 0);
  return {
    queries: answered.length,
    ndcg: mean(relevant.map(({ judged, ranking }) => ndcgAt(DEPTH, ranking, judged.grades) ?? 0)),
    mrr: mean(relevant.map(({ judged, ranking }) => reciprocalRank(ranking, judged.grades))),
    recall: mean(relevant.map(({ judged, ranking }) => recallAt(DEPTH, ranking, judged.grades) ?? 0)),
    shown: mean(answered.filter(({ judged }) => judged.grades.size === 0).map(({ ranking }) => ranking.length)),
  };
}
