import type { AttributeContent } from '../../domain/catalog/attribute.ts';

/** A product of the demo store; its variants are all combinations of its options. */
export interface DemoProduct {
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly categories: readonly string[];
  /** Minor units of USD; the other currencies follow from it. */
  readonly price: number;
  /** What it cost before. */
  readonly was?: number;
  /** Added to the price of variants with that option value. */
  readonly surcharges?: Readonly<Record<string, number>>;
  readonly sku: string;
  readonly options?: Readonly<Record<string, readonly string[]>>;
  readonly attributes: Readonly<Record<string, AttributeContent>>;
  readonly grams: number;
  readonly taxCategory?: 'reduced';
  /** Units at each location, instead of a usual number. */
  readonly stock?: { readonly us: number; readonly eu: number };
  /** Of the one group that it is for. */
  readonly customerGroup?: string;
  /** A bundle has no stock of its own: it takes so many of these SKUs. */
  readonly bundle?: Readonly<Record<string, number>>;
}

const COFFEE_OPTIONS = { Size: ['250 g', '1 kg'], Grind: ['Whole bean', 'Filter', 'Espresso'] };
const SHIRT_SIZES = ['S', 'M', 'L', 'XL'];

const coffee = (product: Pick<DemoProduct, 'handle' | 'title' | 'description' | 'price' | 'sku'> & { origin: string }): DemoProduct => {
  const { origin, ...rest } = product;
  return { ...rest, categories: ['beans'], options: COFFEE_OPTIONS, surcharges: { '1 kg': product.price * 2 }, attributes: { weight: 250, origin }, grams: 280, taxCategory: 'reduced' };
};

const tea = (product: Pick<DemoProduct, 'handle' | 'title' | 'description' | 'price' | 'sku'> & { origin: string }): DemoProduct => {
  const { origin, ...rest } = product;
  return { ...rest, categories: ['beans'], attributes: { weight: 100, origin }, grams: 140, taxCategory: 'reduced' };
};

const book = (product: Pick<DemoProduct, 'handle' | 'title' | 'description' | 'price' | 'sku'>): DemoProduct => ({
  ...product,
  categories: ['books'],
  attributes: { material: 'paper', origin: 'Germany' },
  grams: 320,
  taxCategory: 'reduced',
});

/** What the demo store sells. */
export const DEMO_PRODUCTS: readonly DemoProduct[] = [
  coffee({ handle: 'morning-field-coffee', title: 'Morning Field Coffee', description: 'Round and mild, with hazelnut and a little cocoa. Our house roast, good in any brewer.', price: 1450, sku: 'COF-FIELD', origin: 'Brazil and Colombia' }),
  coffee({ handle: 'high-pass-coffee', title: 'High Pass Coffee', description: 'Washed beans from above 2,000 meters: jasmine, peach, and a long clean finish.', price: 1890, sku: 'COF-PASS', origin: 'Ethiopia' }),
  coffee({ handle: 'night-train-espresso', title: 'Night Train Espresso', description: 'Dark without being bitter. Made for milk, happy without it.', price: 1590, sku: 'COF-TRAIN', origin: 'India and Brazil' }),
  coffee({ handle: 'quiet-hour-decaf', title: 'Quiet Hour Decaf', description: 'Water-processed, so that only the caffeine goes. Caramel and red apple.', price: 1690, sku: 'COF-QUIET', origin: 'Peru' }),
  tea({ handle: 'cloud-garden-green-tea', title: 'Cloud Garden Green Tea', description: 'First spring picking, steamed on the same day. Fresh as cut grass.', price: 1650, sku: 'TEA-CLOUD', origin: 'Japan' }),
  tea({ handle: 'harbor-black-tea', title: 'Harbor Black Tea', description: 'Strong and malty; takes milk, and a second steep.', price: 1290, sku: 'TEA-HARBOR', origin: 'Assam, India' }),
  tea({ handle: 'orchard-herbal-tea', title: 'Orchard Herbal Tea', description: 'Apple, rose hip and verbena. No caffeine, no added flavor.', price: 990, sku: 'TEA-ORCHARD', origin: 'Austria' }),
  { handle: 'stoneware-dripper', title: 'Stoneware Dripper', description: 'A heavy cone that keeps its heat, with one large hole and spiral ribs.', categories: ['brewing'], price: 3200, sku: 'DRIPPER', attributes: { material: 'ceramic', color: ['white'], dishwasher_safe: true, origin: 'Portugal' }, grams: 520 },
  { handle: 'paper-filters', title: 'Paper Filters, Pack of 100', description: 'Unbleached, for cones of size 02.', categories: ['brewing'], price: 750, sku: 'FILTERS', attributes: { material: 'paper', color: ['natural'] }, grams: 150 },
  { handle: 'glass-server', title: 'Glass Server', description: 'Holds five cups and shows how much is left. The cork collar stays cool.', categories: ['brewing'], price: 2900, sku: 'SERVER', attributes: { material: 'glass', capacity: 600, dishwasher_safe: true }, grams: 380 },
  { handle: 'pour-over-set', title: 'Pour-Over Set', description: 'Dripper, server and two packs of filters: everything but the coffee, for less than its parts.', categories: ['brewing'], price: 6500, was: 7600, sku: 'SET-POUR', attributes: { material: 'ceramic', color: ['white'] }, grams: 1200, bundle: { DRIPPER: 1, SERVER: 1, FILTERS: 2 } },
  { handle: 'steel-french-press', title: 'Steel French Press', description: 'Double walls keep coffee hot for an hour. Nothing in it can break.', categories: ['brewing'], price: 5400, was: 6200, sku: 'PRESS', options: { Size: ['500 ml', '1 l'] }, surcharges: { '1 l': 1600 }, attributes: { material: 'stainless steel', capacity: 500, dishwasher_safe: true }, grams: 900 },
  { handle: 'gooseneck-kettle', title: 'Gooseneck Kettle', description: 'Pours a thin, steady stream. For gas, electric and induction.', categories: ['brewing'], price: 7900, sku: 'KETTLE', options: { Color: ['Steel', 'Black'] }, attributes: { material: 'stainless steel', capacity: 900, dishwasher_safe: false }, grams: 850 },
  { handle: 'hand-grinder', title: 'Hand Grinder', description: 'Steel burrs, thirty-six steps, and a handle that folds away.', categories: ['brewing'], price: 9800, sku: 'GRINDER', attributes: { material: 'stainless steel', weight: 480, dishwasher_safe: false }, grams: 560, stock: { us: 1, eu: 0 } },
  { handle: 'moka-pot', title: 'Moka Pot', description: 'The stove-top classic in brushed steel: small, loud and strong.', categories: ['brewing'], price: 4300, sku: 'MOKA', options: { Size: ['3 cups', '6 cups'] }, surcharges: { '6 cups': 1200 }, attributes: { material: 'stainless steel', capacity: 150, dishwasher_safe: false }, grams: 610 },
  { handle: 'enamel-mug', title: 'Enamel Mug', description: 'Light, tough, and at home on a fire. Each chip tells of a trip.', categories: ['cups', 'camp'], price: 1600, sku: 'MUG-ENAMEL', options: { Color: ['Cream', 'Green', 'Blue'] }, attributes: { material: 'enamel', color: ['cream', 'green', 'blue'], capacity: 350, dishwasher_safe: true }, grams: 170 },
  { handle: 'stoneware-mug', title: 'Stoneware Mug', description: 'Thrown by hand, glazed inside, bare outside: it sits well between two palms.', categories: ['cups'], price: 2400, sku: 'MUG-STONE', options: { Color: ['Clay', 'White'] }, attributes: { material: 'ceramic', color: ['clay', 'white'], capacity: 300, dishwasher_safe: true, origin: 'Portugal' }, grams: 420 },
  { handle: 'espresso-cups', title: 'Espresso Cups, Set of Two', description: 'Thick walls, a small handle, and saucers to match.', categories: ['cups'], price: 2800, sku: 'CUP-ESP', attributes: { material: 'ceramic', color: ['black'], capacity: 80, dishwasher_safe: true }, grams: 480, stock: { us: 0, eu: 0 } },
  { handle: 'glass-tumblers', title: 'Glass Tumblers, Set of Four', description: 'Pressed glass that stacks, for water, wine or iced coffee.', categories: ['cups', 'kitchen'], price: 2600, sku: 'TUMBLER', attributes: { material: 'glass', capacity: 250, dishwasher_safe: true, origin: 'France' }, grams: 980 },
  { handle: 'travel-cup', title: 'Travel Cup', description: 'Seals with a quarter turn and opens with one hand. Six hours hot.', categories: ['cups', 'hydration'], price: 3400, was: 3900, sku: 'CUP-TRAVEL', options: { Color: ['Black', 'Mustard', 'Gray'] }, attributes: { material: 'stainless steel', color: ['black', 'mustard', 'gray'], capacity: 360, dishwasher_safe: true }, grams: 310 },
  { handle: 'beech-cutting-board', title: 'Beech Cutting Board', description: 'End grain, oiled twice, with a groove that catches the juice.', categories: ['kitchen'], price: 5900, sku: 'BOARD', options: { Size: ['Small', 'Large'] }, surcharges: { Large: 2600 }, attributes: { material: 'beech', color: ['natural'], dishwasher_safe: false, origin: 'Germany' }, grams: 1900 },
  { handle: 'chef-knife', title: 'Chef Knife', description: 'Twenty centimeters of carbon-rich steel. It comes sharp and can be kept so.', categories: ['kitchen'], price: 11900, sku: 'KNIFE-CHEF', attributes: { material: 'stainless steel', dishwasher_safe: false, origin: 'Solingen, Germany' }, grams: 260 },
  { handle: 'paring-knife', title: 'Paring Knife', description: 'Nine centimeters, for everything that is done in the hand.', categories: ['kitchen'], price: 3900, sku: 'KNIFE-PARE', attributes: { material: 'stainless steel', dishwasher_safe: false, origin: 'Solingen, Germany' }, grams: 70 },
  { handle: 'mixing-bowls', title: 'Mixing Bowls, Set of Three', description: 'They nest, they pour, and the rubber foot holds them still.', categories: ['kitchen'], price: 4600, sku: 'BOWLS', attributes: { material: 'stainless steel', capacity: 3000, dishwasher_safe: true }, grams: 1150 },
  { handle: 'salad-bowl', title: 'Salad Bowl', description: 'Wide and low, in reactive glaze: no two come out of the kiln alike.', categories: ['kitchen'], price: 5200, sku: 'BOWL-SALAD', options: { Color: ['Blue', 'Cream'] }, attributes: { material: 'ceramic', color: ['blue', 'cream'], capacity: 2400, dishwasher_safe: true, origin: 'Portugal' }, grams: 1500 },
  { handle: 'linen-tea-towels', title: 'Linen Tea Towels, Pair', description: 'Dry at once, dry again in an hour, and get softer every year.', categories: ['kitchen'], price: 2200, sku: 'TOWEL', options: { Color: ['Natural', 'Blue', 'Red'] }, attributes: { material: 'linen', color: ['natural', 'blue', 'red'], origin: 'Lithuania' }, grams: 190 },
  { handle: 'cork-trivet', title: 'Cork Trivet', description: 'Takes the hottest pan and weighs nothing.', categories: ['kitchen'], price: 1400, sku: 'TRIVET', attributes: { material: 'cork', color: ['natural'], origin: 'Portugal' }, grams: 90 },
  { handle: 'brass-oil-lamp', title: 'Brass Oil Lamp', description: 'A small flame behind glass, four nights on one filling.', categories: ['living', 'camp'], price: 6800, sku: 'LAMP-OIL', attributes: { material: 'brass', capacity: 250, dishwasher_safe: false }, grams: 720 },
  { handle: 'reading-lamp', title: 'Reading Lamp', description: 'A warm circle of light, dimmed by turning the shade.', categories: ['living'], price: 12900, was: 14900, sku: 'LAMP-READ', options: { Color: ['Black', 'White'] }, attributes: { material: 'brass', color: ['black', 'white'] }, grams: 1800 },
  { handle: 'wool-blanket', title: 'Wool Blanket', description: 'Woven from recycled wool, 130 by 200 centimeters, with fringes twisted by hand.', categories: ['living', 'camp'], price: 9900, sku: 'BLANKET', options: { Color: ['Gray', 'Mustard', 'Green'] }, attributes: { material: 'wool', color: ['gray', 'mustard', 'green'], origin: 'Scotland' }, grams: 1300 },
  { handle: 'linen-cushion', title: 'Linen Cushion', description: 'Stone-washed cover, filled with wool fleece. The zip hides.', categories: ['living'], price: 4400, sku: 'CUSHION', options: { Color: ['Natural', 'Clay', 'Blue'] }, attributes: { material: 'linen', color: ['natural', 'clay', 'blue'] }, grams: 620 },
  { handle: 'cedar-candle', title: 'Cedar Candle', description: 'Rapeseed wax, forty hours, the smell of a pencil case and rain.', categories: ['living'], price: 2900, sku: 'CANDLE-CEDAR', attributes: { material: 'glass', weight: 220 }, grams: 480 },
  { handle: 'fig-candle', title: 'Fig Candle', description: 'Green leaf and milk, for late summer all year.', categories: ['living'], price: 2900, sku: 'CANDLE-FIG', attributes: { material: 'glass', weight: 220 }, grams: 480, stock: { us: 0, eu: 14 } },
  { handle: 'plant-pot', title: 'Plant Pot', description: 'Terracotta that breathes, on a saucer that does not drip.', categories: ['living'], price: 1900, sku: 'POT', options: { Size: ['12 cm', '18 cm', '24 cm'] }, surcharges: { '18 cm': 1000, '24 cm': 2200 }, attributes: { material: 'ceramic', color: ['clay'], origin: 'Italy' }, grams: 1400 },
  { handle: 'wall-clock', title: 'Wall Clock', description: 'Numbers that can be read from bed, and a movement that cannot be heard.', categories: ['living'], price: 7200, sku: 'CLOCK', attributes: { material: 'beech', color: ['natural'] }, grams: 900 },
  { handle: 'two-person-tent', title: 'Two-Person Tent', description: 'Pitches in four minutes, packs to a loaf of bread, stands through a storm.', categories: ['camp'], price: 32900, was: 36900, sku: 'TENT-2', options: { Color: ['Green', 'Mustard'] }, attributes: { material: 'nylon', color: ['green', 'mustard'], weight: 1850 }, grams: 2100 },
  { handle: 'down-sleeping-bag', title: 'Down Sleeping Bag', description: 'Comfortable to freezing. Down from farms that are inspected without notice.', categories: ['camp'], price: 28900, sku: 'SLEEP', options: { Size: ['Regular', 'Long'] }, surcharges: { Long: 2000 }, attributes: { material: 'nylon', color: ['blue'], weight: 920 }, grams: 1100 },
  { handle: 'camp-stove', title: 'Camp Stove', description: 'Boils half a liter in three minutes and folds into its own pot.', categories: ['camp'], price: 6400, sku: 'STOVE', attributes: { material: 'stainless steel', weight: 390 }, grams: 450 },
  { handle: 'camp-lantern', title: 'Camp Lantern', description: 'Warm light for a week of evenings; charges by sun or cable.', categories: ['camp'], price: 4900, sku: 'LANTERN', attributes: { color: ['cream'], weight: 280 }, grams: 350 },
  { handle: 'folding-chair', title: 'Folding Chair', description: 'Beech and canvas, low enough for a fire.', categories: ['camp'], price: 13900, sku: 'CHAIR', attributes: { material: 'beech', color: ['natural'], weight: 3200 }, grams: 3600, stock: { us: 3, eu: 0 } },
  { handle: 'pocket-knife', title: 'Pocket Knife', description: 'One blade, one cork puller, a handle of olive wood.', categories: ['camp'], price: 4500, sku: 'KNIFE-POCKET', attributes: { material: 'stainless steel', weight: 85, origin: 'France' }, grams: 110 },
  { handle: 'steel-bottle', title: 'Steel Bottle', description: 'A single wall, a wide neck, a lid that never leaks. Fits every cup holder.', categories: ['hydration'], price: 2200, sku: 'BOTTLE-STEEL', options: { Size: ['500 ml', '800 ml'], Color: ['Steel', 'Green'] }, surcharges: { '800 ml': 500 }, attributes: { material: 'stainless steel', color: ['gray', 'green'], capacity: 500, dishwasher_safe: true }, grams: 210 },
  { handle: 'vacuum-flask', title: 'Vacuum Flask', description: 'Tea poured at seven still steams at noon, in the snow too.', categories: ['hydration', 'camp'], price: 4200, sku: 'FLASK', options: { Size: ['700 ml', '1 l'] }, surcharges: { '1 l': 700 }, attributes: { material: 'stainless steel', capacity: 700, dishwasher_safe: false }, grams: 520 },
  { handle: 'glass-bottle', title: 'Glass Bottle', description: 'Tastes of nothing but water. The cork sleeve forgives a fall or two.', categories: ['hydration'], price: 2700, sku: 'BOTTLE-GLASS', attributes: { material: 'glass', capacity: 600, dishwasher_safe: true }, grams: 430 },
  { handle: 'dotted-notebook', title: 'Dotted Notebook', description: 'A5, 160 pages that take ink, thread-sewn so that it lies flat.', categories: ['stationery'], price: 1800, sku: 'NOTE-DOT', options: { Color: ['Black', 'Clay', 'Green'] }, attributes: { material: 'paper', color: ['black', 'clay', 'green'], origin: 'Germany' }, grams: 310 },
  { handle: 'pocket-notebooks', title: 'Pocket Notebooks, Pack of Three', description: 'Thin enough for a shirt, one each for lists, sketches and thoughts.', categories: ['stationery'], price: 1100, sku: 'NOTE-POCKET', attributes: { material: 'paper', color: ['natural'] }, grams: 120 },
  { handle: 'brass-pen', title: 'Brass Pen', description: 'Turned from one bar. It ages with the hand that holds it.', categories: ['stationery'], price: 5600, sku: 'PEN-BRASS', attributes: { material: 'brass', weight: 42 }, grams: 80 },
  { handle: 'pencil-set', title: 'Pencils, Set of Six', description: 'Cedar, from 2H to 4B, in a box that slides.', categories: ['stationery'], price: 1300, sku: 'PENCILS', attributes: { color: ['natural'], origin: 'Germany' }, grams: 90 },
  { handle: 'desk-tray', title: 'Desk Tray', description: 'A place for the pen, the keys and the stone from the beach.', categories: ['stationery', 'living'], price: 3600, sku: 'TRAY', attributes: { material: 'cork', color: ['natural'] }, grams: 240 },
  { handle: 'letter-paper', title: 'Letter Paper', description: 'Fifty sheets with a deckle edge and as many lined envelopes.', categories: ['stationery'], price: 2400, sku: 'LETTERS', attributes: { material: 'paper', color: ['cream'], origin: 'Italy' }, grams: 640 },
  book({ handle: 'the-slow-cup-book', title: 'The Slow Cup', description: 'A book of forty ways to make coffee by hand, and why each of them works.', price: 2600, sku: 'BOOK-CUP' }),
  book({ handle: 'one-pot-one-fire-book', title: 'One Pot, One Fire', description: 'Sixty camp recipes for people who carry their kitchen.', price: 2900, sku: 'BOOK-FIRE' }),
  book({ handle: 'small-repairs-book', title: 'Small Repairs', description: 'How to mend a handle, a seam, a chair. With drawings.', price: 2300, sku: 'BOOK-REPAIR' }),
  { handle: 'canvas-backpack', title: 'Canvas Backpack', description: 'Waxed canvas and leather, a sleeve for a laptop, twenty-two liters of room.', categories: ['bags'], price: 16900, sku: 'PACK', options: { Color: ['Green', 'Black'] }, attributes: { material: 'waxed canvas', color: ['green', 'black'], weight: 1100 }, grams: 1300 },
  { handle: 'market-tote', title: 'Market Tote', description: 'Holds a week of vegetables and folds into its own pocket.', categories: ['bags'], price: 2400, sku: 'TOTE', options: { Color: ['Natural', 'Mustard', 'Blue'] }, attributes: { material: 'cotton', color: ['natural', 'mustard', 'blue'] }, grams: 260 },
  { handle: 'weekend-duffel-bag', title: 'Weekend Duffel Bag', description: 'Two days of clothes, one strap, no wheels.', categories: ['bags'], price: 18900, was: 21900, sku: 'DUFFEL', attributes: { material: 'waxed canvas', color: ['clay'], weight: 1400 }, grams: 1600 },
  { handle: 'leather-pouch', title: 'Leather Pouch', description: 'For cables, coins or colored pencils. Vegetable-tanned; it darkens.', categories: ['bags'], price: 4800, sku: 'POUCH', attributes: { material: 'leather', color: ['clay'], origin: 'Spain' }, grams: 130 },
  { handle: 'heavy-cotton-shirt', title: 'Heavy Cotton T-Shirt', description: 'Knitted thick, cut straight, washed before it is sewn: it stays as it is.', categories: ['apparel'], price: 3800, sku: 'TEE', options: { Size: SHIRT_SIZES, Color: ['White', 'Black', 'Green'] }, attributes: { material: 'cotton', color: ['white', 'black', 'green'], origin: 'Portugal' }, grams: 260 },
  { handle: 'merino-sweater', title: 'Merino Sweater', description: 'Warm when it is cold, dry when it is not. Sleeves that can be pushed up.', categories: ['apparel'], price: 12900, sku: 'SWEATER', options: { Size: SHIRT_SIZES, Color: ['Gray', 'Blue'] }, attributes: { material: 'wool', color: ['gray', 'blue'] }, grams: 480 },
  { handle: 'linen-shirt', title: 'Linen Shirt', description: 'Made for wrinkles. Shell buttons, and a spare one inside.', categories: ['apparel'], price: 8900, was: 9900, sku: 'SHIRT-LINEN', options: { Size: SHIRT_SIZES, Color: ['White', 'Blue'] }, attributes: { material: 'linen', color: ['white', 'blue'], origin: 'Lithuania' }, grams: 240 },
  { handle: 'wool-socks', title: 'Wool Socks', description: 'Terry inside, reinforced at heel and toe. Mended for free for two years.', categories: ['apparel', 'outdoor'], price: 1900, sku: 'SOCKS', options: { Size: ['36-39', '40-43', '44-47'] }, attributes: { material: 'wool', color: ['gray'] }, grams: 110 },
  { handle: 'fisherman-beanie', title: 'Fisherman Beanie', description: 'Short, ribbed, and warm over both ears when needed.', categories: ['apparel', 'outdoor'], price: 3200, sku: 'BEANIE', options: { Color: ['Mustard', 'Black', 'Blue'] }, attributes: { material: 'wool', color: ['mustard', 'black', 'blue'], origin: 'Scotland' }, grams: 90 },
];

/** What it sells to the customer group `trade` only: others do not see it. */
export const TRADE_PRODUCTS: readonly DemoProduct[] = [
  { handle: 'catering-mug-crate', title: 'Enamel Mugs, Crate of 48', description: 'For cafés and canteens: forty-eight enamel mugs in a crate that stacks.', categories: ['cups'], price: 42000, sku: 'TRADE-MUGS', attributes: { material: 'enamel', color: ['cream'], capacity: 350, dishwasher_safe: true }, grams: 9200, customerGroup: 'trade' },
];
