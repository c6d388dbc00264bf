import type { Page, PageRequest } from '../shared/page.ts';
import type { Fulfillment, FulfillmentLine, FulfillmentState, Tracking } from './fulfillment.ts';

export interface NewFulfillment {
  readonly id: string;
  readonly orderId: string;
  readonly locationId: string;
  readonly provider: string;
  readonly service: string | null;
  readonly createdBy: string;
  readonly lines: readonly FulfillmentLine[];
  readonly items: readonly { readonly levelId: string; readonly quantity: number }[];
}

/** Where parcels are kept. All changes are made with the order locked. */
export interface FulfillmentStore {
  insert(fulfillment: NewFulfillment): Promise<void>;
  get(fulfillmentId: string): Promise<Fulfillment | undefined>;
  /** By number. */
  ofOrder(orderId: string): Promise<Fulfillment[]>;
  findByProviderRef(provider: string, providerRef: string): Promise<Fulfillment | undefined>;
  list(page: PageRequest, filter: { status?: FulfillmentState; locationId?: string }): Promise<Page<Fulfillment>>;
  update(
    fulfillmentId: string,
    change: { status?: FulfillmentState; providerRef?: string; cancelReason?: string } & { readonly [K in keyof Tracking]?: string },
  ): Promise<void>;
  /** The parcel's contents are less than planned: only these lines and items left. */
  replaceContents(fulfillmentId: string, contents: Pick<NewFulfillment, 'lines' | 'items'>): Promise<void>;
  items(fulfillmentId: string): Promise<{ levelId: string; inventoryItemId: string; quantity: number }[]>;
}
