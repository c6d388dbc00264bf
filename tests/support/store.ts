import { setTimeout as delay } from 'node:timers/promises';
import { ephemeral, openDatabase, type Database } from '../../adapters/postgres/database.ts';
import { stripeEmulatorControl, type StripeEmulatorControl } from '../../emulators/stripe/control.ts';
import { fillStore, type ChannelRules, type TestCatalog, type TestProduct } from './demo-catalog.ts';
import { startStack, type Stack, type StackOptions } from './stack.ts';
import type { ApiProcess } from './api-process.ts';
import type { WorkerProcess } from './worker-process.ts';
import { assertEventsValid } from './events.ts';

/** A whole running store: real processes, real servers, the emulated gateway. */
export interface TestStore {
  readonly stack: Stack;
  readonly database: Database;
  readonly catalog: TestCatalog;
  readonly api: ApiProcess;
  readonly worker: WorkerProcess;
  /** A request to the storefront's GraphQL, as from an address of its own. Throws when the answer has errors. */
  query<Data>(query: string, variables?: unknown, options?: { shopper?: number; headers?: Record<string, string> }): Promise<Data>;
  admin<Data>(query: string, variables?: unknown): Promise<Data>;
  /** A cart with everything that a checkout needs. */
  readyCart(shopper: number, lines?: readonly { sku: string; quantity?: number }[]): Promise<ReadyCart>;
  submit(cart: ReadyCart, input?: SubmitInput, headers?: Record<string, string>): Promise<SubmitAnswer>;
  /** The gateway's side: its ledger, its faults, its webhooks. */
  readonly gateway: StripeEmulatorControl;
  /** Passes or fails the challenge as the customer would; false when there is nothing to decide any more. */
  authenticate(challengeUrl: string, outcome: 'complete' | 'fail'): Promise<boolean>;
  /** Checkouts that have not ended. */
  activeCheckouts(): Promise<number>;
  close(): Promise<void>;
}

export interface ReadyCart {
  readonly id: string;
  readonly token: string;
  readonly version: number;
  readonly total: number;
  readonly shopper: number;
}

export interface SubmitInput {
  /** Null: none, for a saved method and for what gift cards cover. */
  readonly paymentMethod?: string | null;
  readonly gateway?: string;
  /** A method of the customer's whose session the headers carry. */
  readonly savedPaymentMethodId?: string;
  readonly savePaymentMethod?: boolean;
  readonly version?: number;
  readonly expectedTotal?: { amount: number; currency: string };
  readonly returnUrl?: string;
}

/** A member of the union CheckoutSubmitResult, with the fields that tests look at. */
export interface SubmitAnswer {
  readonly __typename: string;
  readonly order?: { id: string; number: string; status: string; paymentStatus: string; totals: { total: { amount: number } } };
  readonly checkoutId?: string;
  readonly redirectUrl?: string;
  readonly reason?: string;
  readonly retryable?: boolean;
  readonly lines?: { lineId: string; requested?: number; available?: number }[];
  readonly problems?: { code: string; field: string }[];
  readonly status?: string;
  readonly code?: string;
  readonly field?: string;
  readonly total?: { amount: number };
}

const ANSWER = `__typename
  ... on CheckoutPlaced { order { id number status paymentStatus totals { total { amount } } } }
  ... on CheckoutActionRequired { checkoutId redirectUrl expiresAt }
  ... on CheckoutInReview { checkoutId decidedBy }
  ... on CheckoutDeclined { checkoutId reason message retryable }
  ... on CheckoutOutOfStock { lines { lineId requested available } }
  ... on CheckoutPriceChanged { total { amount } changed: lines { lineId was { amount } now { amount } } }
  ... on CheckoutInvalid { problems { code field } }
  ... on CheckoutProcessing { message }
  ... on CheckoutEnded { checkoutId status }
  ... on InputError { code field message }
  ... on VersionMismatch { code currentVersion }`;

export const SUBMIT = `mutation Submit($input: CheckoutSubmitInput!) { checkoutSubmit(input: $input) { ${ANSWER} } }`;
export const CANCEL = `mutation Cancel($token: String!) { checkoutCancel(cartToken: $token) { ${ANSWER} } }`;
export const CHECKOUT = `query Checkout($token: String!) { checkout(cartToken: $token) { id status result { ${ANSWER} } } }`;

const CART = '__typename ... on CartPayload { token cart { id version totals { total { amount } } } } ... on InputError { code field message }';
const CART_CREATE = `mutation Create($input: CartCreateInput!) { cartCreate(input: $input) { ${CART} } }`;
const CART_UPDATE = `mutation Update($input: CartUpdateInput!) { cartUpdate(input: $input) { ${CART} } }`;

interface CartAnswer {
  readonly __typename: string;
  readonly token: string;
  readonly cart: { readonly id: string; readonly version: number; readonly totals: { readonly total: { readonly amount: number } } };
}

const REQUEST_TIMEOUT_MS = 60_000;

/** Starts a store that sells these products. */
export async function startStore(products: readonly TestProduct[], options: StackOptions & { rules?: ChannelRules } = {}): Promise<TestStore> {
  const stack = await startStack({ ...options, env: { TRUST_PROXY: '1', LOG_LEVEL: 'warn', ...options.env } });
  const database = openDatabase({ url: stack.databaseUrl, poolSize: 4 });
  const close = async (): Promise<void> => {
    await database.close();
    await stack.close();
  };
  /** Whatever a test does: what the world was told of it is what the catalogue of events says. */
  const closeChecked = async (): Promise<void> => assertEventsValid(database).finally(close);
  const start = async () => {
    const catalog = await fillStore(database, products, options.rules);
    const starting = [stack.startWorker(), stack.startApi()] as const;
    // When one does not start, the other one must still become known to the stack, which ends it.
    await Promise.allSettled(starting);
    const [worker, api] = await Promise.all(starting);
    return { catalog, worker, api };
  };
  const { catalog, worker, api } = await start().catch(async (error: unknown) => {
    await close();
    throw error;
  });

  const gateway = stripeEmulatorControl(stack.stripe.url);

  async function post<Data>(url: string, body: unknown, headers: Record<string, string>): Promise<Data> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const answer = (await response.json()) as { data?: Data; errors?: { message: string }[] };
    if (answer.errors?.[0] || answer.data === undefined) throw new Error(JSON.stringify(answer.errors ?? answer));
    return answer.data;
  }

  const store: TestStore = {
    stack,
    database,
    catalog,
    api,
    worker,
    gateway,
    authenticate: (challengeUrl, outcome) => gateway.finishChallenge(challengeUrl, outcome).then(
      () => true,
      () => false,
    ),
    async activeCheckouts() {
      const [row] = await database.rows<{ active: number }>(
        ephemeral("SELECT count(*)::int AS active FROM checkouts WHERE status IN ('processing', 'action_required', 'in_review')"),
      );
      return row?.active ?? 0;
    },
    query: (query, variables = {}, { shopper = 1, headers = {} } = {}) =>
      post(api.storefrontUrl, { query, variables }, { 'x-forwarded-for': `10.1.${shopper >> 8}.${shopper & 255}`, ...headers }),
    admin: (query, variables = {}) => post(api.adminUrl, { query, variables }, { authorization: `Bearer ${stack.adminApiKey}` }),

    async readyCart(shopper, lines = [{ sku: Object.keys(catalog.variants)[0] ?? '' }]) {
      const variantLines = lines.map((line) => ({ variantId: catalog.variants[line.sku]?.id, quantity: line.quantity ?? 1 }));
      const created = await store.query<{ cartCreate: CartAnswer }>(CART_CREATE, { input: { email: `shopper${shopper}@example.com`, lines: variantLines } }, { shopper });
      const { token } = created.cartCreate;
      const shippingAddress = { firstName: 'Ada', lastName: 'Lovelace', line1: `${shopper} Main St`, city: 'New York', region: 'NY', postalCode: '10001', countryCode: 'US' };
      const updated = await store.query<{ cartUpdate: CartAnswer }>(
        CART_UPDATE,
        { input: { token, shippingAddress, shippingMethodId: catalog.shippingMethodId } },
        { shopper },
      );
      const { cart } = updated.cartUpdate;
      return { id: cart.id, token, version: cart.version, total: cart.totals.total.amount, shopper };
    },

    async submit(cart, input = {}, headers = {}) {
      const variables = { input: { cartToken: cart.token, paymentMethod: `pm_card_visa_fp_${cart.shopper}`, ...input } };
      const { checkoutSubmit } = await store.query<{ checkoutSubmit: SubmitAnswer }>(SUBMIT, variables, { shopper: cart.shopper, headers });
      return checkoutSubmit;
    },

    close: closeChecked,
  };
  return store;
}

/** What a storefront does after a broken connection: the same call again, until there is an answer. */
export async function untilAnswered<T>(call: () => Promise<T>, tries = 60): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === tries) throw error;
      await delay(250);
    }
  }
}
