import type { TestStore } from '../support/store.ts';

/** A payment method as its customer sees it. */
export interface ShownMethod {
  readonly id: string;
  readonly gateway: string;
  readonly kind: string | null;
  readonly brand: string | null;
  readonly last4: string | null;
  readonly isDefault: boolean;
}

/** What a command on payment methods answers: a member of its union. */
export interface MethodAnswer {
  readonly __typename: string;
  readonly paymentMethod?: ShownMethod;
  readonly paymentMethods?: readonly ShownMethod[];
  readonly setupId?: string;
  readonly redirectUrl?: string | null;
  readonly reason?: string;
  readonly code?: string;
  readonly field?: string | null;
}

const METHOD = 'id gateway kind brand last4 isDefault';
const SAVED = `__typename ... on PaymentMethodSaved { paymentMethod { ${METHOD} } } ... on PaymentMethodActionRequired { setupId redirectUrl clientSecret }
  ... on PaymentMethodDeclined { reason message } ... on InputError { code field message }`;
const METHODS = `__typename ... on PaymentMethods { paymentMethods { ${METHOD} } } ... on InputError { code field message }`;
const COMMANDS = {
  save: `mutation C($input: PaymentMethodSaveInput!) { answer: paymentMethodSave(input: $input) { ${SAVED} } }`,
  complete: `mutation C($setupId: ID!) { answer: paymentMethodSetupComplete(setupId: $setupId) { ${SAVED} } }`,
  setDefault: `mutation C($id: ID!) { answer: paymentMethodSetDefault(id: $id) { ${METHODS} } }`,
  remove: `mutation C($id: ID!) { answer: paymentMethodRemove(id: $id) { ${METHODS} } }`,
} as const;

/** The header of a customer's session. */
export const sessionOf = (token: string): Record<string, string> => ({ 'x-customer-token': token });

/** A new customer, as an operator makes one. */
export async function createCustomer(store: TestStore, email: string): Promise<string> {
  const { answer } = await store.admin<{ answer: { customer?: { id: string } } }>(
    'mutation C($input: CustomerCreateInput!) { answer: customerCreate(input: $input) { __typename ... on CustomerPayload { customer { id } } ... on InputError { code field } } }',
    { input: { email, actor: 'operator' } },
  );
  if (!answer.customer) throw new Error(`No customer: ${JSON.stringify(answer)}`);
  return answer.customer.id;
}

/** What `customerSessionCreate` answers. */
export interface SessionAnswer {
  readonly token?: string;
  readonly expiresAt?: string;
  readonly code?: string;
  readonly field?: string;
}

/** Asks for a session of the customer, an hour long unless told otherwise. */
export async function openSession(store: TestStore, customerId: string, ttlSeconds = 3_600): Promise<SessionAnswer> {
  const { answer } = await store.admin<{ answer: SessionAnswer }>(
    `mutation C($input: CustomerSessionCreateInput!) {
      answer: customerSessionCreate(input: $input) { ... on CustomerSessionPayload { token expiresAt } ... on InputError { code field } }
    }`,
    { input: { customerId, ttlSeconds, actor: 'storefront' } },
  );
  return answer;
}

/** A customer who has signed in. */
export interface SignedIn {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

/** A new customer with a session. */
export async function signIn(store: TestStore, email: string): Promise<SignedIn> {
  const id = await createCustomer(store, email);
  const { token } = await openSession(store, id);
  if (token === undefined) throw new Error(`No session of ${id}`);
  return { id, email, token };
}

/** The customer of the session, as the storefront shows them. Throws when the session is over. */
export async function me(
  store: TestStore,
  token?: string,
): Promise<{ id: string; email: string; paymentMethods: ShownMethod[] } | null> {
  const headers = token === undefined ? {} : sessionOf(token);
  const answer = await store.query<{ me: { id: string; email: string; paymentMethods: ShownMethod[] } | null }>(
    `{ me { id email paymentMethods { ${METHOD} } } }`,
    {},
    { headers },
  );
  return answer.me;
}

/** Gives a customer's command on their payment methods; `token` undefined: without a session. */
export async function manage(
  store: TestStore,
  token: string | undefined,
  name: keyof typeof COMMANDS,
  variables: Readonly<Record<string, unknown>>,
): Promise<MethodAnswer> {
  const headers = token === undefined ? {} : sessionOf(token);
  const { answer } = await store.query<{ answer: MethodAnswer }>(COMMANDS[name], variables, { headers });
  return answer;
}

/** Saves a payment method that needs no authentication. */
export async function saved(
  store: TestStore,
  token: string,
  paymentMethod: string,
  input: Readonly<Record<string, unknown>> = {},
): Promise<ShownMethod> {
  const answer = await manage(store, token, 'save', { input: { paymentMethod, ...input } });
  if (!answer.paymentMethod) throw new Error(`Not saved: ${JSON.stringify(answer)}`);
  return answer.paymentMethod;
}
