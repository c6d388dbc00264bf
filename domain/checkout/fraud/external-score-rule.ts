import type { FraudRule } from './fraud-rule.ts';

/** The store's own scorer counts in proportion to its score. */
export const externalScoreRule: FraudRule = ({ externalScore }) => {
  if (externalScore?.state !== 'scored' || externalScore.score <= 0) return undefined;
  const { scorer, score, reasons } = externalScore;
  const because = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
  return { severity: Math.min(1, score / 100), detail: `Scored ${Math.round(score)} of 100 by ${scorer}${because}` };
};
