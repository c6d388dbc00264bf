import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CONDITION_FACTS, isFactName, type FactName, type FactValue } from '../../domain/checkout/fraud/condition-facts.ts';
import type { FraudScorer } from '../../domain/checkout/fraud/fraud-scorer.ts';

/** Reasons that are told to operators: the terms that pushed the score up most. */
const REASONS = 3;

const factName = z.string().refine(isFactName, 'must be a fact of the condition language');

const termSchema = z
  .object({
    fact: factName,
    weight: z.number(),
    /** The term is 1 when the fact equals this, else 0; without it the fact's number counts. */
    equals: z.union([z.string(), z.boolean(), z.number()]).optional(),
    /** The natural logarithm of 1 + the number. */
    log: z.boolean().default(false),
  })
  .strict()
  .refine(
    ({ fact, equals }) => equals !== undefined || CONDITION_FACTS[fact].type !== 'text',
    'a fact that is a text needs equals',
  );

const modelSchema = z
  .object({ name: z.string().min(1).max(60), intercept: z.number(), terms: z.array(termSchema).min(1).max(200) })
  .strict();

/** A logistic model: the probability is the logistic function of the intercept plus the sum of its terms. */
export type FraudModel = z.infer<typeof modelSchema>;
type Term = FraudModel['terms'][number];

/** The term's part of the sum; a fact that is not known adds nothing. */
function contribution(term: Term, facts: Partial<Record<FactName, FactValue>>): number {
  const value = facts[term.fact];
  if (value === undefined) return 0;
  if (term.equals !== undefined) return value === term.equals ? term.weight : 0;
  const amount = Number(value);
  return term.weight * (term.log ? Math.log1p(Math.max(0, amount)) : amount);
}

/** Checks a model as it was written down. Throws ZodError. */
export const parseModel = (written: unknown): FraudModel => modelSchema.parse(written);

/** A scorer without a service: a small model whose coefficients were fitted elsewhere. */
export function createModelScorer({ name, intercept, terms }: FraudModel): FraudScorer {
  return {
    name,
    async score({ facts }) {
      const parts = terms.map((term) => ({ term, part: contribution(term, facts) }));
      const logit = parts.reduce((sum, { part }) => sum + part, intercept);
      const reasons = parts
        .filter(({ part }) => part > 0)
        .sort((a, b) => b.part - a.part)
        .slice(0, REASONS)
        .map(({ term }) => `${term.fact} is ${String(facts[term.fact])}`);
      return { score: Math.round(100 / (1 + Math.exp(-logit))), reasons };
    },
  };
}

/** The model in this JSON file. */
export const loadModel = async (path: string): Promise<FraudModel> => parseModel(JSON.parse(await readFile(path, 'utf8')));
