import type { Account, Call } from './account.ts';
import { missingResource } from './api-error.ts';
import { newId, unixNow } from './ids.ts';
import type { Customer } from './objects.ts';
import type { Parameters } from './parameters.ts';

/** The customer named in the path (404) or in a parameter (400). */
export function findCustomer(account: Account, id: string, param = 'id', status: 400 | 404 = 404): Customer {
  const customer = account.customers.get(id);
  if (!customer) throw missingResource('customer', id, param, status);
  return customer;
}

/** `POST /v1/customers` */
export function createCustomer(account: Account, params: Parameters, call: Call): Customer {
  const description = params.text('description') ?? null;
  const email = params.text('email') ?? null;
  const name = params.text('name') ?? null;
  const metadata = params.metadata();
  params.end();
  const customer = account.customers.put({
    id: newId('cus'),
    object: 'customer',
    created: unixNow(),
    description,
    email,
    livemode: false,
    metadata,
    name,
  });
  account.emit('customer.created', customer, call);
  return customer;
}
