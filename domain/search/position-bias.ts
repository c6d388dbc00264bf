/** What became of a product at one place of a query's list: how often it stood there, and after how many of those searches it was clicked, put into a cart, bought. */
export interface PlaceOutcome {
  /** From 1. */
  readonly position: number;
  readonly shown: number;
  readonly clicks: number;
  readonly carts: number;
  readonly orders: number;
}

/** What became of a product that was shown for a query. */
export interface ShownOutcome {
  readonly productId: string;
  /** Each place once. */
  readonly places: readonly PlaceOutcome[];
}

/** How likely each place is looked at, in proportion to the first one: 0 to 1. */
export type Examination = (position: number) => number;

/** Places further down count as this one: there is little to learn of them. */
export const DEEPEST_PLACE = 50;
/** No place is taken to be looked at less: a click counts at most ten times what it does at the first place, so that a stray one far down decides nothing. */
const LEAST_EXAMINED = 0.1;
/** The default curve counts as much as so many clicks at each place: by far more clicks than that, the log alone decides. */
const PRIOR_CLICKS = 20;
const ROUNDS = 200;
const SETTLED = 1e-4;

/** Without anything known: as the discount of NDCG, which is gentler than what is measured elsewhere (1 / place). */
export const DEFAULT_EXAMINATION: Examination = (position) => 1 / Math.log2(Math.min(position, DEEPEST_PLACE) + 1);

/** Clicks as they are, whatever place they were made at. */
export const NO_BIAS: Examination = () => 1;

const indexOf = (position: number): number => Math.min(position, DEEPEST_PLACE) - 1;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * How likely each place is looked at, estimated from what was shown. A click needs a look and an appeal: clicks = shown × examination
 * of the place × appeal of the product for the query. What stood at several places, since weights were tried, stock and sales moved or
 * shoppers sorted, tells the two apart ("intervention harvesting", Agarwal et al., WSDM 2019, arXiv:1812.05161); what always stood at
 * one place tells nothing. Both factors are fitted in turn until they settle; where there are few clicks the default curve stays.
 */
export function estimateExamination(outcomes: readonly ShownOutcome[]): Examination {
  const moved = outcomes.map(({ places }) => ({ places, clicks: sum(places.map(({ clicks }) => clicks)) })).filter(({ places, clicks }) => places.length > 1 && clicks > 0);
  const perPlace = (): Float64Array => new Float64Array(DEEPEST_PLACE);
  const curve = perPlace().map((_, index) => DEFAULT_EXAMINATION(index + 1));
  const add = (values: Float64Array, position: number, value: number): void => void (values[indexOf(position)] = (values[indexOf(position)] ?? 0) + value);
  const examination: Examination = (position) => curve[indexOf(position)] ?? LEAST_EXAMINED;
  const clicked = perPlace();
  for (const { places } of moved) for (const { position, clicks } of places) add(clicked, position, clicks);

  for (let round = 0, change = 1; round < ROUNDS && change > SETTLED; round += 1) {
    /** How many clicks each place would have had, if it were always looked at. */
    const expected = perPlace();
    for (const { places, clicks } of moved) {
      const appeal = clicks / places.reduce((examined, { position, shown }) => examined + shown * examination(position), 0);
      for (const { position, shown } of places) add(expected, position, shown * appeal);
    }
    const fitted = clicked.map((clicks, index) => (clicks + PRIOR_CLICKS) / ((expected[index] ?? 0) + PRIOR_CLICKS / DEFAULT_EXAMINATION(index + 1)));
    // Only proportions are known: the first place is the measure.
    const next = fitted.map((value) => Math.min(1, Math.max(LEAST_EXAMINED, value / (fitted[0] ?? 1))));
    change = next.reduce((most, value, index) => Math.max(most, Math.abs(value - (curve[index] ?? 0))), 0);
    curve.set(next);
  }
  return examination;
}

/** A product is judged as if it had been looked at so many times more, in vain: one click on what was shown once proves little. */
const PRIOR_EXAMINED = 5;

/**
 * A grade for each product, 3 for the best: what was wanted, by how often it was looked at. What stands above is clicked more because
 * it stands there; divided by the likelihood of a look (an inverse propensity estimate: Joachims et al., WSDM 2017, arXiv:1608.04468),
 * a product further down that is clicked as often is the better one. All looks at a product are added before they divide, so that a
 * place that is seldom looked at weighs no more than the looks that it had.
 */
export function gradesOf(outcomes: readonly ShownOutcome[], examination: Examination): Map<string, number> {
  const rates = outcomes.map(({ productId, places }) => {
    const examined = sum(places.map(({ position, shown }) => shown * examination(position)));
    const worth = sum(places.map(({ clicks, carts, orders }) => clicks + 2 * carts + 3 * orders));
    return { productId, rate: worth / (examined + PRIOR_EXAMINED) };
  });
  const best = Math.max(0, ...rates.map(({ rate }) => rate));
  return new Map(best === 0 ? [] : rates.filter(({ rate }) => rate > 0).map(({ productId, rate }) => [productId, 3 * (rate / best)]));
}
