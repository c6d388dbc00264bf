import type { Customer } from '../domain/customers/customer.ts';
import type { CustomerService } from '../domain/customers/customer-service.ts';
import { DomainError } from '../domain/shared/errors.ts';

/** A customer's session; made by the admin API's `customerSessionCreate`. */
export const CUSTOMER_HEADER = 'x-customer-token';

/** The customer's part of a request's context. The session is looked up when somebody asks, and once. */
export function customerOf(
  header: string | string[] | undefined,
  customers: Pick<CustomerService, 'ofSession'>,
): { customerToken: string | undefined; customer: () => Promise<Customer> } {
  const customerToken = typeof header === 'string' && header !== '' ? header : undefined;
  let found: Promise<Customer> | undefined;
  async function find(): Promise<Customer> {
    if (customerToken === undefined) throw new DomainError('UNAUTHENTICATED', `The header ${CUSTOMER_HEADER} is missing`);
    const customer = await customers.ofSession(customerToken);
    if (!customer) throw new DomainError('UNAUTHENTICATED', 'The customer session is over or never was');
    return customer;
  }
  return { customerToken, customer: () => (found ??= find()) };
}
