import type { FraudRule } from './fraud-rule.ts';

/** Often a present, sometimes a stolen card. */
export const shippingCountry: FraudRule = ({ shippingCountry, billingCountry }) =>
  shippingCountry === billingCountry ? undefined : { severity: 1, detail: 'Shipped to another country than billed to' };

export const cardCountry: FraudRule = ({ card, shippingCountry, billingCountry }) => {
  if (card?.country === undefined || card.country === billingCountry) return undefined;
  return card.country === shippingCountry
    ? { severity: 0.5, detail: 'The card was issued in another country than billed to' }
    : { severity: 1, detail: 'The card was issued in another country than billed and shipped to' };
};
