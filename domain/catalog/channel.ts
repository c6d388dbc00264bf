/** A sales channel: what is sold in which currencies under which rules. */
export interface Channel {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly defaultCurrency: string;
  readonly currencies: readonly string[];
  readonly pricesIncludeTax: boolean;
}
