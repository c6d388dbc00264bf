/** How a channel chooses where its orders are sent from. */
export const ALLOCATION_STRATEGIES = ['fewest_splits', 'priority', 'nearest'] as const;
export type AllocationStrategy = (typeof ALLOCATION_STRATEGIES)[number];

/** Where something lies or goes to, as addresses tell it. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  readonly region?: string | null;
  readonly postalCode?: string | null;
}

/** A stock location as the choice sees it; the lowest priority is preferred. */
export interface RankedLocation {
  readonly id: string;
  readonly priority: number;
  readonly place?: Place | undefined;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** How many characters the codes have in common from the left, blanks and case apart: postal codes that begin alike are near each other. */
function commonPrefix(a: string, b: string): number {
  const [left, right] = [a, b].map((code) => code.replace(/[\s-]/g, '').toUpperCase());
  let length = 0;
  while (length < (left?.length ?? 0) && left?.[length] === right?.[length]) length += 1;
  return length;
}

const FAR = 1_000;
const SAME_COUNTRY = 100;
const SAME_REGION = 50;

/**
 * How far apart two places are, as far as addresses tell without a map: another country is farthest, then another region; within a
 * country the more of the postal code agrees, the nearer. Only good for comparing.
 */
export function distance(from: Place | undefined, to: Place): number {
  if (from?.countryCode !== to.countryCode) return FAR;
  const sameRegion = from.region != null && from.region === to.region;
  return (sameRegion ? SAME_REGION : SAME_COUNTRY) - commonPrefix(from.postalCode ?? '', to.postalCode ?? '');
}

/** The locations in the order in which they are asked for stock, before any look at what lies there. */
export function rankLocations(locations: readonly RankedLocation[], strategy: AllocationStrategy, destination: Place | null): RankedLocation[] {
  const far = ({ place }: RankedLocation): number => (strategy === 'nearest' && destination ? distance(place, destination) : 0);
  return [...locations].sort((a, b) => far(a) - far(b) || a.priority - b.priority || compareText(a.id, b.id));
}

/** More locations than this are not tried in every combination. */
const MAX_EXACT = 12;

/** All subsets of so many of them, in their order. */
function* subsets<T>(items: readonly T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let index = from; index <= items.length - size; index += 1) {
    for (const rest of subsets(items, size - 1, index + 1)) yield [items[index] as T, ...rest];
  }
}

/**
 * The smallest set of locations that together suffice, the earliest in rank among equals; all of them when only all suffice or
 * there are too many to try.
 */
export function fewestLocations(ranked: readonly RankedLocation[], suffices: (ids: ReadonlySet<string>) => boolean): RankedLocation[] {
  const largest = ranked.length > MAX_EXACT ? 1 : ranked.length - 1;
  for (let size = 1; size <= largest; size += 1) {
    for (const some of subsets(ranked, size)) if (suffices(new Set(some.map(({ id }) => id)))) return some;
  }
  return [...ranked];
}
