import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../emulators/shared/seeded-random.ts';
import { learnWeights, rankingQuality, type TrainingList } from './learned-weights.ts';
import { DEEPEST_PLACE, DEFAULT_EXAMINATION, estimateExamination, gradesOf, NO_BIAS, type Examination, type PlaceOutcome, type ShownOutcome } from './position-bias.ts';
import { strengthOf, type RankingSignal, type RankingWeights } from './ranking.ts';

const place = (position: number, shown: number, change: Partial<PlaceOutcome> = {}): PlaceOutcome => ({ position, shown, clicks: 0, carts: 0, orders: 0, ...change });
const outcome = (productId: string, ...places: PlaceOutcome[]): ShownOutcome => ({ productId, places });

describe('grades of what was shown', () => {
  it('do not favour a place: what is wanted as much is as good, wherever it stood', () => {
    const shown = 10_000;
    // Both are clicked half of the times that they are looked at.
    const clicked = (position: number): ShownOutcome => outcome(`at-${position}`, place(position, shown, { clicks: Math.round(shown * DEFAULT_EXAMINATION(position) * 0.5) }));
    const grades = gradesOf([clicked(1), clicked(5)], DEFAULT_EXAMINATION);
    assert.ok(Math.abs((grades.get('at-1') ?? 0) - (grades.get('at-5') ?? 0)) < 0.01, JSON.stringify([...grades]));
    const better = gradesOf([outcome('first', place(1, shown, { clicks: 3_000 })), outcome('tenth', place(10, shown, { clicks: 2_000 }))], DEFAULT_EXAMINATION);
    assert.ok((better.get('tenth') ?? 0) > (better.get('first') ?? 0), 'fewer clicks, but more of those who looked');
  });

  it('add up the places of a product', () => {
    const grades = gradesOf([outcome('moved', place(1, 500, { clicks: 250 }), place(3, 500, { clicks: 125 })), outcome('stayed', place(1, 750, { clicks: 375 }))], DEFAULT_EXAMINATION);
    assert.ok(Math.abs((grades.get('moved') ?? 0) - (grades.get('stayed') ?? 0)) < 0.01, JSON.stringify([...grades]));
  });

  it('do not believe in one click', () => {
    const grades = gradesOf([outcome('proven', place(1, 200, { clicks: 80 })), outcome('lucky', place(DEEPEST_PLACE, 1, { clicks: 1 }))], DEFAULT_EXAMINATION);
    assert.ok((grades.get('proven') ?? 0) > (grades.get('lucky') ?? 0), JSON.stringify([...grades]));
  });

  it('value an order more than a cart, and that more than a click; the best is a 3, what was never wanted has none', () => {
    const grades = gradesOf(
      [
        outcome('ordered', place(1, 10, { clicks: 1, carts: 1, orders: 1 })),
        outcome('carted', place(1, 10, { clicks: 1, carts: 1 })),
        outcome('clicked', place(1, 10, { clicks: 1 })),
        outcome('passed over', place(1, 10)),
      ],
      DEFAULT_EXAMINATION,
    );
    assert.deepEqual([...grades].map(([id, grade]) => [id, Math.round(grade * 1_000) / 1_000]), [['ordered', 3], ['carted', 1.5], ['clicked', 0.5]]);
    assert.equal(grades.get('ordered'), 3);
    assert.equal(gradesOf([outcome('a', place(1, 5))], DEFAULT_EXAMINATION).size, 0);
  });
});

const NONE: RankingWeights = { sold: 0, viewed: 0, stock: 0, margin: 0, recency: 0, rating: 0 };
const QUERIES = 40;
const PRODUCTS = 10;

interface Shop {
  readonly lists: readonly { readonly outcomes: readonly ShownOutcome[]; readonly candidates: TrainingList['candidates']; readonly appeals: ReadonlyMap<string, number> }[];
}

/**
 * Shoppers who want what is rated well and do not care what was sold, in a shop that ranks by sales; every tenth time it ranks
 * otherwise, as a trial does. They click what they look at and like.
 */
function shopOf(examination: Examination, searches: number): Shop {
  const random = seededRandom(7);
  const ranked = (candidates: TrainingList['candidates'], weights: RankingWeights): string[] =>
    candidates.toSorted((a, b) => strengthOf(b.signals, weights) - strengthOf(a.signals, weights) || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
  return {
    lists: Array.from({ length: QUERIES }, () => {
      const candidates = Array.from({ length: PRODUCTS }, (_, number) => {
        const signals: Record<RankingSignal, number> = { ...NONE, sold: random(), rating: random(), recency: random() };
        return { id: `p${number}`, score: 1, signals };
      });
      const appeals = new Map(candidates.map(({ id, signals }) => [id, 0.05 + 0.6 * signals.rating ** 2]));
      const places = new Map<string, Map<number, { shown: number; clicks: number }>>();
      for (let search = 0; search < searches; search += 1) {
        ranked(candidates, search % 10 === 0 ? { ...NONE, recency: 1 } : { ...NONE, sold: 1 }).forEach((id, index) => {
          const ofProduct = places.get(id) ?? new Map<number, { shown: number; clicks: number }>();
          const counted = ofProduct.get(index + 1) ?? { shown: 0, clicks: 0 };
          counted.shown += 1;
          if (random() < examination(index + 1) * (appeals.get(id) ?? 0)) counted.clicks += 1;
          places.set(id, ofProduct.set(index + 1, counted));
        });
      }
      return { candidates, appeals, outcomes: [...places].map(([id, ofProduct]) => outcome(id, ...[...ofProduct].map(([position, counted]) => place(position, counted.shown, counted)))) };
    }),
  };
}

const learned = ({ lists }: Shop, examination: Examination): RankingWeights =>
  learnWeights(lists.map(({ candidates, outcomes }, number) => ({ text: `q${number}`, candidates, grades: gradesOf(outcomes, examination) })), { ...NONE, sold: 1 });
/** How good weights are to those who know what shoppers want: 1 is the best there is. */
const quality = ({ lists }: Shop, weights: RankingWeights): number =>
  rankingQuality(lists.map(({ candidates, appeals }, number) => ({ text: `q${number}`, candidates, grades: new Map([...appeals].map(([id, appeal]) => [id, 4 * appeal])) })), weights).ndcg;
const outcomesOf = ({ lists }: Shop): ShownOutcome[] => lists.flatMap(({ outcomes }) => outcomes);

describe('how likely a place is looked at', () => {
  const steep: Examination = (position) => 1 / position;

  it('is estimated from what stood at several places, however steep it is', () => {
    for (const truth of [steep, NO_BIAS, DEFAULT_EXAMINATION]) {
      const estimated = estimateExamination(outcomesOf(shopOf(truth, 1_000)));
      for (let position = 1; position <= PRODUCTS; position += 1)
        assert.ok(Math.abs(estimated(position) - Math.max(0.1, truth(position))) < 0.08, `place ${position}: ${estimated(position)} instead of ${truth(position)}`);
    }
  });

  it('is the default where there is nothing, or nothing that tells places and products apart', () => {
    const stayed = Array.from({ length: 10 }, (_, index) => outcome(`p${index}`, place(index + 1, 1_000, { clicks: 1_000 - 90 * index })));
    for (const outcomes of [[], stayed, [outcome('never', place(1, 50), place(2, 50))]]) {
      const estimated = estimateExamination(outcomes);
      for (const position of [1, 2, 10, 1_000]) assert.ok(Math.abs(estimated(position) - DEFAULT_EXAMINATION(position)) < 1e-9);
    }
  });

  it('moves little by a few clicks, and is never next to nothing nor above the first place', () => {
    const few = estimateExamination([outcome('a', place(1, 5, { clicks: 1 }), place(9, 5, { clicks: 3 }))]);
    assert.ok(Math.abs(few(9) - DEFAULT_EXAMINATION(9)) < 0.1, String(few(9)));
    const many = estimateExamination([outcome('a', place(1, 100_000, { clicks: 50_000 }), place(9, 100_000), place(3, 100_000, { clicks: 90_000 }))]);
    assert.deepEqual([many(1), many(3), many(9)], [1, 1, 0.1]);
  });
});

describe('weights that are learned from what a ranking by sales has shown', () => {
  const shop = shopOf((position) => 1 / position, 400);

  it('praise sales for the places that they have got, when clicks count as they are', () => {
    const weights = learned(shop, NO_BIAS);
    assert.ok(weights.sold > weights.rating, JSON.stringify(weights));
    assert.ok(quality(shop, weights) < 0.9, String(quality(shop, weights)));
  });

  it('follow what shoppers want, when clicks count by how likely their place was looked at', () => {
    const weights = learned(shop, estimateExamination(outcomesOf(shop)));
    assert.ok(weights.sold < weights.rating / 5, JSON.stringify(weights));
    assert.ok(quality(shop, weights) > 0.98, String(quality(shop, weights)));
  });

  it('are better by the default curve than by none, and best by what was estimated', () => {
    const [none = 0, byDefault = 0, estimated = 0] = [NO_BIAS, DEFAULT_EXAMINATION, estimateExamination(outcomesOf(shop))].map((examination) => quality(shop, learned(shop, examination)));
    assert.ok(none < byDefault && byDefault < estimated, `${none}, ${byDefault}, ${estimated}`);
  });
});
