/** How good a ranking is against judgements: grades by id, 0 (or absent) is irrelevant, 3 is exactly what was meant. */
export type Grades = ReadonlyMap<string, number>;

/** The grade from which a result counts as relevant where only yes or no counts. */
export const RELEVANT = 2;

const gradeOf = (grades: Grades, id: string): number => Math.max(0, grades.get(id) ?? 0);

/** A result that is named twice is worth nothing the second time. */
const firstOf = (ranking: readonly string[], k: number): string[] => [...new Set(ranking)].slice(0, k);

/** Gain 2^grade − 1, discounted by log2 of the place. */
const discountedGain = (grades: readonly number[]): number =>
  grades.reduce((sum, grade, index) => sum + (2 ** grade - 1) / Math.log2(index + 2), 0);

/**
 * Normalized discounted cumulative gain of the first k results: 1 is the best order possible, 0 has nothing relevant.
 * Undefined when nothing is relevant to the query: there is no better and worse.
 */
export function ndcgAt(k: number, ranking: readonly string[], grades: Grades): number | undefined {
  const best = discountedGain([...grades.values()].map((grade) => Math.max(0, grade)).sort((a, b) => b - a).slice(0, k));
  return best === 0 ? undefined : discountedGain(firstOf(ranking, k).map((id) => gradeOf(grades, id))) / best;
}

/** One divided by the place of the first relevant result; 0 when there is none. */
export function reciprocalRank(ranking: readonly string[], grades: Grades, relevant: number = RELEVANT): number {
  const index = firstOf(ranking, ranking.length).findIndex((id) => gradeOf(grades, id) >= relevant);
  return index < 0 ? 0 : 1 / (index + 1);
}

/** The share of k places that have a relevant result; a place left empty has none. */
export function precisionAt(k: number, ranking: readonly string[], grades: Grades, relevant: number = RELEVANT): number {
  return k === 0 ? 0 : firstOf(ranking, k).filter((id) => gradeOf(grades, id) >= relevant).length / k;
}

/** The share of all relevant results that are among the first k; undefined when nothing is relevant. */
export function recallAt(k: number, ranking: readonly string[], grades: Grades, relevant: number = RELEVANT): number | undefined {
  const all = [...grades.values()].filter((grade) => grade >= relevant).length;
  return all === 0 ? undefined : firstOf(ranking, k).filter((id) => gradeOf(grades, id) >= relevant).length / all;
}
