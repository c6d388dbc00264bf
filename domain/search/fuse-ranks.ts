/**
 * By how much a place counts less than the one before: the constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).
 */
const RANK_CONSTANT = 60;

/** One ranking out of several: each place counts 1 / (60 + place) for who has it. Scores of different kinds need not be comparable. */
export function fuseRanks(rankings: readonly (readonly string[])[]): { readonly id: string; readonly score: number }[] {
  const scores = new Map<string, number>();
  for (const ranking of rankings) ranking.forEach((id, index) => scores.set(id, (scores.get(id) ?? 0) + 1 / (RANK_CONSTANT + index + 1)));
  return [...scores].map(([id, score]) => ({ id, score })).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}
