import { invalid } from '../shared/errors.ts';
import { isId } from '../shared/ids.ts';

export const SHOPPER_EVENT_KINDS = ['view', 'click', 'add_to_cart'] as const;
export type ShopperEventKind = (typeof SHOPPER_EVENT_KINDS)[number];

/** Something that a visitor did with a product. */
export interface ShopperEvent {
  /** Of the storefront's choice, different for each event of a visitor: sent twice it counts once. */
  readonly key: string;
  readonly kind: ShopperEventKind;
  readonly productId: string;
  /** The search that led to it; null: none did. */
  readonly searchId: string | null;
  /** Where it stood among what was found, from 1. */
  readonly position: number | null;
}

const MAX_EVENTS = 50;
const MAX_POSITION = 1_000;
const VISITOR = /^[\w.:-]{8,64}$/;
const KEY = /^[\w.:-]{1,64}$/;

/** A name that a storefront gives a browser. Raises INVALID_INPUT. */
export function checkVisitor(visitor: string, field: string): string {
  if (!VISITOR.test(visitor)) throw invalid(field, 'Must have 8 to 64 letters, digits or any of _ . : -');
  return visitor;
}

/** Raises INVALID_INPUT naming the field. */
export function checkEvents(events: readonly ShopperEvent[]): readonly ShopperEvent[] {
  if (events.length === 0 || events.length > MAX_EVENTS) throw invalid('events', `Must have 1 to ${MAX_EVENTS}`);
  events.forEach(({ key, productId, searchId, position }, index) => {
    if (!KEY.test(key)) throw invalid(`events.${index}.key`, 'Must have 1 to 64 letters, digits or any of _ . : -');
    if (!isId('product', productId)) throw invalid(`events.${index}.productId`, 'Must be the id of a product');
    if (searchId !== null && !isId('search', searchId)) throw invalid(`events.${index}.searchId`, 'Must be the id of a search');
    if (position !== null && (!Number.isInteger(position) || position < 1 || position > MAX_POSITION)) throw invalid(`events.${index}.position`, `Must be 1 to ${MAX_POSITION}`);
  });
  return events;
}

/** A search that was answered, as it is kept. */
export interface AnsweredSearch {
  readonly id: string;
  readonly at: Date;
  /** Folded words. */
  readonly text: string;
  readonly total: number;
  /** The ids of the page, in their order; the place of the first, from 1. */
  readonly shown: readonly string[];
  readonly firstPosition: number;
  readonly filtered: boolean;
  readonly degraded: boolean;
  readonly semantic: boolean;
  /** The weights that ranked; null: the default. */
  readonly weightSetId: string | null;
  /** A keyed hash: who it was is not kept. */
  readonly visitor: string | null;
  /** Where it was searched for, and in whose words; null: everywhere, in the catalog's own. */
  readonly channelId: string | null;
  readonly locale: string | null;
}

/** How a query did over some days. */
export interface QueryFigures {
  readonly text: string;
  readonly searches: number;
  readonly zeroResults: number;
  /** Searches after which a product was clicked, put into a cart, or bought. */
  readonly clicked: number;
  readonly carted: number;
  readonly ordered: number;
  /** Mean place of the first click, from 1; null: no click. */
  readonly clickPosition: number | null;
}

/** How one set of weights did beside another. */
export interface WeightFigures extends Omit<QueryFigures, 'text' | 'clickPosition'> {
  readonly weightSetId: string | null;
}
