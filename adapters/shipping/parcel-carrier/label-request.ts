import type { Address } from '../../../domain/checkout/address.ts';
import type {
  ParcelLine,
  ParcelRequest,
  ProviderLocation,
  ReturnLabelRequest,
} from '../../../domain/orders/fulfillment-provider.ts';

const person = (address: Address) => ({
  name: `${address.firstName} ${address.lastName}`,
  ...(address.company && { company: address.company }),
  street: address.line1,
  ...(address.line2 && { street2: address.line2 }),
  city: address.city,
  ...(address.region && { region: address.region }),
  ...(address.postalCode && { postal_code: address.postalCode }),
  country: address.countryCode,
  ...(address.phone && { phone: address.phone }),
});

/** The carrier keeps the addresses of its customers' locations, by their codes. */
const location = ({ code, name, countryCode }: ProviderLocation) => ({ name, country: countryCode, location_code: code });

const items = (lines: readonly ParcelLine[]) => lines.map(({ sku, title, quantity }) => ({ sku, description: title, quantity }));

/** The body that buys a label for a parcel to a customer. */
export const outboundLabel = (request: ParcelRequest) => ({
  reference: request.fulfillmentId,
  direction: 'outbound',
  order_number: request.orderNumber,
  ...(request.service && { service: request.service }),
  from: location(request.from),
  to: person(request.to),
  items: items(request.lines),
  declared_value: { amount: request.value, currency: request.currency },
});

/** The body that buys a label for a parcel that a customer sends back. */
export const returnLabel = (request: ReturnLabelRequest) => ({
  reference: request.returnId,
  direction: 'return',
  order_number: request.orderNumber,
  ...(request.service && { service: request.service }),
  from: person(request.from),
  to: location(request.to),
  items: items(request.lines),
});
