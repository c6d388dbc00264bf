/** Learning how to rank, away from shoppers. Filled by `temporal/runtime/weight-learning-process.ts`. */
export interface WeightLearningProcess {
  /** False when it is under way. */
  start(request: { actor: string }): Promise<boolean>;
  /** Undefined: it was never done, or Temporal has forgotten it. */
  last(): Promise<{ readonly running: boolean; readonly failed: boolean; readonly weightSetId: string | null } | undefined>;
}
