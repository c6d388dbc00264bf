import type { FraudScorer } from '../domain/checkout/fraud/fraud-scorer.ts';
import { type Config, ConfigError } from '../platform/config.ts';
import { createHttpScorer } from './fraud/http-scorer.ts';
import { createModelScorer, loadModel } from './fraud/model-scorer.ts';

/** The scorer that the settings name, if any. Raises ConfigError. */
export async function createFraudScorer({
  fraudScorer: { url, secret, timeoutMs, modelFile },
}: Config): Promise<FraudScorer | undefined> {
  if (url !== undefined && modelFile !== undefined)
    throw new ConfigError('FRAUD_SCORER_URL and FRAUD_MODEL_FILE must not be set together');
  if (url !== undefined) {
    if (secret === undefined) throw new ConfigError('FRAUD_SCORER_SECRET must be set with FRAUD_SCORER_URL');
    return createHttpScorer({ url, secret, timeoutMs });
  }
  if (modelFile === undefined) return undefined;
  try {
    return createModelScorer(await loadModel(modelFile));
  } catch (error) {
    throw new ConfigError(`FRAUD_MODEL_FILE cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
}
