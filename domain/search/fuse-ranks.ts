/**
 * By how much a place counts less than the one before: the constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).
 */
const RANK_CONSTANT = 60;

/** Ids, best first, and how much their places count beside those of other rankings. */
export interface WeightedRanking {
  readonly ids: readonly string[];
  readonly weight: number;
}

/** One ranking out of several: each place counts weight / (60 + place) for who has it. Scores of different kinds need not be comparable. */
export function fuseRanks(rankings: readonly WeightedRanking[]): { readonly id: string; readonly score: number }[] {
  const scores = new Map<string, number>();
  for (const { ids, weight } of rankings) ids.forEach((id, index) => scores.set(id, (scores.get(id) ?? 0) + weight / (RANK_CONSTANT + index + 1)));
  return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}
