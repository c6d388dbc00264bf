import type { AttributeType } from '../../domain/catalog/attribute.ts';

/** Top categories and those below them; the place in the list is the place in the shop. */
export const DEMO_CATEGORIES: readonly { handle: string; name: string; description: string; parent?: string }[] = [
  { handle: 'coffee', name: 'Coffee & Tea', description: 'What it takes for a good cup.' },
  { handle: 'beans', name: 'Beans & Leaves', description: 'Roasted or picked in small lots.', parent: 'coffee' },
  { handle: 'brewing', name: 'Brewing', description: 'Drippers, presses, kettles and grinders.', parent: 'coffee' },
  { handle: 'cups', name: 'Cups & Mugs', description: 'To drink from, at a table or by a fire.', parent: 'coffee' },
  { handle: 'home', name: 'Home', description: 'Things that are used every day.' },
  { handle: 'kitchen', name: 'Kitchen', description: 'Boards, bowls, knives and linen.', parent: 'home' },
  { handle: 'living', name: 'Living', description: 'Light, wool and scent.', parent: 'home' },
  { handle: 'outdoor', name: 'Outdoor', description: 'For a night out under the sky.' },
  { handle: 'camp', name: 'Camp', description: 'Shelter, sleep and light.', parent: 'outdoor' },
  { handle: 'hydration', name: 'Bottles & Flasks', description: 'To carry water, hot or cold.', parent: 'outdoor' },
  { handle: 'stationery', name: 'Stationery', description: 'Paper and what leaves a line on it.' },
  { handle: 'books', name: 'Books', description: 'Short ones, to be read twice.', parent: 'stationery' },
  { handle: 'bags', name: 'Bags', description: 'From the market to the mountain.' },
  { handle: 'apparel', name: 'Apparel', description: 'Plain clothes that last.' },
];

/** Customers for whom there is more. */
export const DEMO_CUSTOMER_GROUPS: readonly { code: string; name: string }[] = [{ code: 'trade', name: 'Trade' }];

export const DEMO_ATTRIBUTES: readonly { code: string; name: string; type: AttributeType; unit?: string; options?: readonly string[] }[] = [
  {
    code: 'material',
    name: 'Material',
    type: 'select',
    options: ['beech', 'brass', 'ceramic', 'cork', 'cotton', 'enamel', 'glass', 'leather', 'linen', 'nylon', 'paper', 'stainless steel', 'waxed canvas', 'wool'],
  },
  { code: 'color', name: 'Color', type: 'multiselect', options: ['black', 'blue', 'clay', 'cream', 'gray', 'green', 'mustard', 'natural', 'red', 'white'] },
  { code: 'capacity', name: 'Capacity', type: 'number', unit: 'ml' },
  { code: 'weight', name: 'Net weight', type: 'number', unit: 'g' },
  { code: 'dishwasher_safe', name: 'Dishwasher safe', type: 'boolean' },
  { code: 'origin', name: 'Made in', type: 'text' },
];
