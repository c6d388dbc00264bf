import type { AddressInput } from '../../domain/checkout/cart-service.ts';
import type { AddressInput as GraphqlAddressInput } from './generated/storefront.ts';

/** An address as a client sent it; whoever takes it checks it. */
export const toAddressInput = (input: GraphqlAddressInput): AddressInput => ({
  firstName: input.firstName,
  lastName: input.lastName,
  company: input.company ?? null,
  line1: input.line1,
  line2: input.line2 ?? null,
  city: input.city,
  region: input.region ?? null,
  postalCode: input.postalCode,
  countryCode: input.countryCode,
  phone: input.phone ?? null,
});
