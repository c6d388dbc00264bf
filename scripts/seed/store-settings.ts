import type { Sql } from '../../adapters/postgres/database.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import { insertRows } from './insert-rows.ts';

/** Ids of what products and stock are hung on. */
export interface StoreSettings {
  readonly channelId: string;
  /** By code. */
  readonly locationIds: Readonly<Record<StockLocationCode, string>>;
}

export type StockLocationCode = 'us-east' | 'eu-central';

const EU = ['AT', 'BE', 'DE', 'DK', 'ES', 'FI', 'FR', 'IE', 'IT', 'LU', 'NL', 'PL', 'PT', 'SE'];
const SERVED = ['US', 'CA', 'GB', 'CH', 'NO', ...EU];

/** Amounts in minor units: [currency, amount, free from this subtotal]. */
const SHIPPING_METHODS: readonly {
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly countries: readonly string[];
  readonly rates: readonly (readonly [currency: string, amount: number, freeFrom: number | null])[];
}[] = [
  {
    code: 'standard',
    name: 'Standard',
    description: '3 to 5 working days',
    countries: SERVED,
    rates: [['USD', 595, 7500], ['EUR', 495, 6500], ['GBP', 450, 6000]],
  },
  {
    code: 'express',
    name: 'Express',
    description: 'The next working day when ordered before noon',
    countries: ['US', 'GB', ...EU],
    rates: [['USD', 1895, null], ['EUR', 1495, 20000], ['GBP', 1295, 18000]],
  },
  {
    code: 'pickup',
    name: 'Pickup',
    description: 'Ready at our counter within two hours',
    countries: ['US', 'DE'],
    rates: [['USD', 0, null], ['EUR', 0, null]],
  },
];

/** Parts per million. A region's rates are added to the country's. */
const TAX_RATES: readonly (readonly [country: string, region: string | null, name: string, standard: number, reduced: number | null])[] = [
  ['US', 'CA', 'California sales tax', 72_500, null],
  ['US', 'IL', 'Illinois sales tax', 62_500, 10_000],
  ['US', 'NY', 'New York sales tax', 40_000, null],
  ['US', 'NY', 'New York City sales tax', 48_750, null],
  ['US', 'TX', 'Texas sales tax', 62_500, null],
  ['US', 'WA', 'Washington sales tax', 65_000, null],
  ['CA', null, 'GST', 50_000, null],
  ['CA', 'BC', 'British Columbia PST', 70_000, null],
  ['CA', 'QC', 'QST', 99_750, null],
  ['AT', null, 'USt', 200_000, 100_000],
  ['BE', null, 'TVA', 210_000, 60_000],
  ['CH', null, 'MWST', 81_000, 26_000],
  ['DE', null, 'MwSt', 190_000, 70_000],
  ['DK', null, 'Moms', 250_000, 250_000],
  ['ES', null, 'IVA', 210_000, 100_000],
  ['FR', null, 'TVA', 200_000, 55_000],
  ['GB', null, 'VAT', 200_000, 0],
  ['IE', null, 'VAT', 230_000, 90_000],
  ['IT', null, 'IVA', 220_000, 100_000],
  ['NL', null, 'btw', 210_000, 90_000],
  ['NO', null, 'MVA', 250_000, 150_000],
  ['PL', null, 'VAT', 230_000, 80_000],
  ['PT', null, 'IVA', 230_000, 60_000],
  ['SE', null, 'Moms', 250_000, 60_000],
];

/** `value`: parts per million of a percentage, minor units of a fixed amount. */
const PROMOTIONS = [
  { code: 'WELCOME10', kind: 'percentage', value: 100_000, currency: null, min_subtotal: 0, usage_limit: null },
  { code: 'FREESHIP', kind: 'free_shipping', value: 0, currency: null, min_subtotal: 0, usage_limit: null },
  { code: 'SAVE5', kind: 'fixed_amount', value: 500, currency: 'USD', min_subtotal: 3000, usage_limit: null },
  { code: 'LIMITED', kind: 'percentage', value: 250_000, currency: null, min_subtotal: 0, usage_limit: 10 },
];

/** Where the store sells beside its first channel, which has all currencies and speaks as the catalog does. */
const EUROPE = {
  currencies: ['EUR', 'GBP'],
  countries: [...EU, 'GB', 'CH', 'NO'],
  locales: ['en', 'de'],
  defaultLocale: 'de',
};

/** The store around the products: its channels, stock locations, shipping methods, tax rates and promotions. */
export async function insertStoreSettings(sql: Sql, newId: IdGenerator): Promise<StoreSettings> {
  const channelId = newId('channel');
  const locationIds = { 'us-east': newId('stockLocation'), 'eu-central': newId('stockLocation') };

  await insertRows(sql, 'channels', [
    {
      id: channelId,
      code: 'default',
      name: 'HeadlessPro Demo Store',
      default_currency: 'USD',
      currencies: ['USD', 'EUR', 'GBP'],
      prices_include_tax: false,
      capture_mode: 'automatic',
      hold_seconds: 600,
      action_seconds: 1800,
      review_seconds: 259_200,
      review_default: 'reject',
      fraud_settings: {},
      order_prefix: 'HP-',
      last_order_number: 0,
      created_at: new Date(),
    },
  ]);
  const europeId = newId('channel');
  const createdAt = new Date();
  await insertRows(sql, 'channels', [
    {
      ...{ id: europeId, code: 'europe', name: 'HeadlessPro Europe' },
      ...{ default_currency: 'EUR', currencies: EUROPE.currencies, prices_include_tax: true, locales: EUROPE.locales, default_locale: EUROPE.defaultLocale },
      ...{ capture_mode: 'automatic', hold_seconds: 600, action_seconds: 1800, review_seconds: 259_200, review_default: 'reject', fraud_settings: {} },
      ...{ payment_gateways: [], allocation_strategy: 'nearest', return_window_days: 30, return_policy: {} },
      // Behind the first, which serves whoever names none.
      ...{ order_prefix: 'EU-', last_order_number: 0, created_at: new Date(createdAt.getTime() + 1) },
    },
  ]);
  await insertRows(sql, 'stock_locations', [
    { id: locationIds['us-east'], code: 'us-east', name: 'Warehouse Newark', country_code: 'US', priority: 0, created_at: createdAt },
    { id: locationIds['eu-central'], code: 'eu-central', name: 'Warehouse Leipzig', country_code: 'DE', priority: 1, created_at: createdAt },
  ]);
  const methods = [
    ...SHIPPING_METHODS.map((method, position) => ({ ...method, id: newId('shippingMethod'), position, ofChannel: channelId })),
    ...SHIPPING_METHODS.filter(({ code }) => code !== 'pickup').map(({ countries, rates, ...method }, position) => ({
      ...{ ...method, id: newId('shippingMethod'), position, ofChannel: europeId },
      countries: countries.filter((country) => EUROPE.countries.includes(country)),
      rates: rates.filter(([currency]) => EUROPE.currencies.includes(currency)),
    })),
  ];
  await insertRows(
    sql,
    'shipping_methods',
    methods.map(({ id, ofChannel, code, name, description, countries, position }) => {
      return { id, channel_id: ofChannel, code, name, description, tax_category: 'standard', countries, position, active: true };
    }),
  );
  await insertRows(
    sql,
    'shipping_rates',
    methods.flatMap(({ id, rates }) => rates.map(([currency, amount, freeFrom]) => ({ shipping_method_id: id, currency, amount, free_from: freeFrom }))),
  );
  await insertRows(
    sql,
    'tax_rates',
    TAX_RATES.flatMap(([country, region, name, standard, reduced]) => {
      const rate = (taxCategory: string, ratePpm: number) => {
        return { id: newId('taxRate'), country_code: country, region, tax_category: taxCategory, name, rate_ppm: ratePpm };
      };
      return [rate('standard', standard), ...(reduced === null ? [] : [rate('reduced', reduced)])];
    }),
  );
  await insertRows(
    sql,
    'promotions',
    PROMOTIONS.map((promotion) => ({ id: newId('promotion'), ...promotion, times_used: 0, created_at: createdAt })),
  );
  return { channelId, locationIds };
}
