import type { Customer } from '../domain/customers/customer.ts';
import type { CustomerService } from '../domain/customers/customer-service.ts';
import { DomainError } from '../domain/shared/errors.ts';
import type { RequestContext } from './graphql/context.ts';

/** A customer's session; made by the admin API's `customerSessionCreate`. */
export const CUSTOMER_HEADER = 'x-customer-token';

/** The customer's part of a request's context. The session is looked up when somebody asks, and once. */
export function customerOf(
  header: string | string[] | undefined,
  customers: Pick<CustomerService, 'ofSession'>,
): Pick<RequestContext, 'customerToken' | 'customer' | 'shopper'> {
  const customerToken = typeof header === 'string' && header !== '' ? header : undefined;
  let found: Promise<Customer | undefined> | undefined;
  const shopper = (): Promise<Customer | undefined> => (found ??= customerToken === undefined ? Promise.resolve(undefined) : customers.ofSession(customerToken));
  return {
    customerToken,
    shopper,
    async customer() {
      if (customerToken === undefined) throw new DomainError('UNAUTHENTICATED', `The header ${CUSTOMER_HEADER} is missing`);
      const customer = await shopper();
      if (!customer) throw new DomainError('UNAUTHENTICATED', 'The customer session is over or never was');
      return customer;
    },
  };
}
