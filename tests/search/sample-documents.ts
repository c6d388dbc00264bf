import { contentChecksum, type SearchContent, type SearchDocument } from '../../domain/search/search-document.ts';

const NO_SIGNALS = { sold: 0, viewed: 0, available: 10, margin: null, rating: null };

const CONTENT: SearchContent = {
  handle: '',
  title: '',
  description: '',
  skus: [],
  categories: [],
  attributes: [],
  prices: [{ currency: 'EUR', min: 1_000, max: 1_000 }],
  inStock: true,
  channelIds: null,
  groupIds: null,
  translations: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  signals: NO_SIGNALS,
  vector: null,
};

/** A document of the first reading, unless said otherwise. */
export function sampleDocument(id: string, content: Partial<SearchContent>, version = 1): SearchDocument {
  const whole = { ...CONTENT, handle: id, ...content };
  return { id, version, checksum: contentChecksum(whole), ...whole };
}

const KITCHEN = { handle: 'kitchen', name: 'Kitchen' };
const HOME = { handle: 'home', name: 'Home' };
const CLOTHES = { handle: 'clothes', name: 'Clothes' };
const colour = (...values: string[]) => ({ code: 'colour', name: 'Colour', values, number: null });
const volume = (ml: number) => ({ code: 'volume', name: 'Volume', values: [String(ml)], number: ml });
const price = (min: number, max = min) => [{ currency: 'EUR', min, max }];

/** A small shop. */
export const SAMPLES: readonly SearchDocument[] = [
  sampleDocument('p1', { title: 'Travel Mug', description: 'Keeps coffee hot for hours', skus: ['MUG-TRV-1'], categories: [HOME, KITCHEN], attributes: [colour('red', 'black'), volume(350)], prices: price(2_490), signals: { ...NO_SIGNALS, sold: 40 }, createdAt: '2026-03-01T00:00:00.000Z' }),
  sampleDocument('p2', { title: 'Espresso Cup', description: 'A small cup of porcelain', skus: ['CUP-ESP-1'], categories: [HOME, KITCHEN], attributes: [colour('white'), volume(80)], prices: price(890), createdAt: '2026-02-01T00:00:00.000Z' }),
  sampleDocument('p3', { title: 'Coffee Grinder', description: 'Grinds beans, by hand', skus: ['GRD-1'], categories: [HOME, KITCHEN], attributes: [colour('black')], prices: price(5_900), inStock: false, createdAt: '2026-04-01T00:00:00.000Z' }),
  sampleDocument('p4', { title: 'Rain Jacket', description: 'Waterproof and light', skus: ['JKT-RED-M', 'JKT-RED-L'], categories: [CLOTHES], attributes: [colour('red', 'blue')], prices: price(8_900, 9_900), createdAt: '2026-05-01T00:00:00.000Z' }),
  sampleDocument('p5', { title: 'Wool Socks', description: 'Warm socks for cold days', skus: ['SCK-1'], categories: [CLOTHES], attributes: [colour('grey')], prices: price(1_290), createdAt: '2026-01-15T00:00:00.000Z' }),
  sampleDocument('p6', { title: 'Crème Brûlée Dish', description: 'For <b>desserts</b> & more', skus: ['DSH-1'], categories: [HOME, KITCHEN], attributes: [colour('white')], prices: [{ currency: 'USD', min: 700, max: 700 }] }),
];
