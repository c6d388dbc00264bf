import { checkEvents, checkVisitor, type QueryFigures, type ShopperEvent, type WeightFigures } from '../../domain/search/shopper-events.ts';
import type { DaySpan, QueryOrder, SearchScope, ShopperEventStore } from '../../domain/search/shopper-event-store.ts';
import { invalid } from '../../domain/shared/errors.ts';
import type { Page, PageRequest } from '../../domain/shared/page.ts';
import { hashCartToken, type KeyedHash } from '../checkout/cart-tokens.ts';

/** What shoppers do, written down without who they are, and read as figures. */
export interface ShopperEventRecorder {
  /** The keyed hash of a visitor's name: all that is ever kept of it. Raises INVALID_INPUT. */
  visitor(name: string, field: string): string;
  /** How many were new. `cartToken`: of the visitor's cart. Raises INVALID_INPUT. */
  record(visitor: string, cartToken: string | null, events: readonly ShopperEvent[]): Promise<number>;
  /** Raises INVALID_INPUT. */
  figures(span: DaySpan, scope: SearchScope, order: QueryOrder, page: PageRequest): Promise<Page<QueryFigures>>;
  totals(span: DaySpan, scope: SearchScope): Promise<Omit<QueryFigures, 'text'>>;
  byWeights(span: DaySpan, scope: SearchScope): Promise<WeightFigures[]>;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

/** In the calendar: the parser takes 31 February for 3 March. */
function isDay(text: string): boolean {
  const time = DAY.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function checkSpan({ from, to }: DaySpan): DaySpan {
  for (const [field, day] of [['from', from], ['to', to]] as const) if (!isDay(day)) throw invalid(field, 'Must be a day such as 2026-03-01');
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1 || days > MAX_DAYS) throw invalid('to', `Must be from 0 to ${MAX_DAYS - 1} days after from`);
  return { from, to };
}

/** Builds it over the store. */
export function createShopperEventRecorder({ store, keyedHash }: { store: ShopperEventStore; keyedHash: KeyedHash }): ShopperEventRecorder {
  const visitorOf = (name: string, field: string): string => keyedHash('visitor', checkVisitor(name, field));
  return {
    visitor: visitorOf,
    record: (visitor, cartToken, events) => store.recordEvents(visitorOf(visitor, 'visitor'), cartToken === null ? null : hashCartToken(cartToken), checkEvents(events)),
    figures: (span, scope, order, page) => store.figures(checkSpan(span), scope, order, page),
    totals: (span, scope) => store.totals(checkSpan(span), scope),
    byWeights: (span, scope) => store.byWeights(checkSpan(span), scope),
  };
}
