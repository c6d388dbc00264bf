import { signAbove, type FraudRule } from './fraud-rule.ts';

/** From so many orders on their spread says something. */
const ORDERS_FOR_DEVIATION = 30;

/** A store that sells one thing has hardly any spread: less than this part of the mean counts as this much. */
const LEAST_RELATIVE_DEVIATION = 0.1;

/** The amount is far above what the store usually sells. Nothing is unusual for a store without orders. */
export const unusualAmount: FraudRule = ({ amount, norm }) => {
  if (norm.orders === 0 || norm.meanAmount <= 0) return undefined;
  if (norm.orders < ORDERS_FOR_DEVIATION) {
    const multiple = amount / norm.meanAmount;
    return signAbove(multiple, { elevated: 10, high: 20 }, `The amount is ${multiple.toFixed(1)} times the store's mean order`);
  }
  const deviation = Math.max(norm.standardDeviation, norm.meanAmount * LEAST_RELATIVE_DEVIATION);
  const deviations = (amount - norm.meanAmount) / deviation;
  return signAbove(
    deviations,
    { elevated: 3, high: 6 },
    `The amount is ${deviations.toFixed(1)} standard deviations above the store's mean order`,
  );
};
