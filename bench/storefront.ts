import http from 'node:http';

/** A guest's whole way through the store, timed step by step, over the public GraphQL API. */
export interface Flow {
  readonly variantIds: readonly string[];
  readonly email: string;
  readonly number: number;
  token?: string;
  cartId?: string;
  shippingMethodId?: string;
  orderId?: string;
  /** Kind of the answer when it was not an order. */
  refusal?: string;
  at?: Step;
  since?: number;
  readonly ms: Partial<Record<Step, number>>;
}

export const STEPS = ['cart', 'address', 'shipping', 'complete'] as const;
export type Step = (typeof STEPS)[number];

const TOTALS = 'totals { subtotal { amount } shipping { amount } tax { amount } total { amount currency } }';
const CART = `... on CartPayload { token cart { id version ${TOTALS} shippingMethods { id price { amount } } lines { id quantity unitPrice { amount } } problems { code field } } } ... on InputError { code field message } ... on VersionMismatch { code currentVersion }`;
const CART_CREATE = `mutation CartCreate($input: CartCreateInput!) { cartCreate(input: $input) { __typename ${CART} } }`;
const CART_UPDATE = `mutation CartUpdate($input: CartUpdateInput!) { cartUpdate(input: $input) { __typename ${CART} } }`;
const SUBMIT = `mutation CheckoutSubmit($input: CheckoutSubmitInput!) { checkoutSubmit(input: $input) { __typename
  ... on CheckoutPlaced { order { id number status paymentStatus email totals { total { amount currency } } lines { id sku quantity total { amount } } payments { id status captured { amount } } } }
  ... on CheckoutDeclined { reason } ... on CheckoutOutOfStock { lines { lineId available } } ... on CheckoutInvalid { problems { code field } } ... on InputError { code field message } } }`;
const LISTING = `query Listing($after: String) { products(first: 20, after: $after, sort: TITLE_ASC) { nodes { id title handle description images { url } variants { id sku title price { amount currency } } } pageInfo { endCursor hasNextPage } } }`;
const DETAIL = `query Detail($handle: String!) { product(handle: $handle) { id title handle description images { url } variants { id sku title price { amount currency } } } }`;

interface Answer {
  __typename: string;
  [field: string]: unknown;
}

export class Storefront {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 512 });
  readonly #url: URL;

  constructor(apiUrl: string) {
    this.#url = new URL('/graphql', apiUrl);
  }

  /** Calls the API as a shopper with an address of their own would. */
  async query(query: string, variables: unknown, shopper = 1, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const body = JSON.stringify({ query, variables });
    const text = await new Promise<string>((resolve, reject) => {
      const request = http.request(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          timeout: 60_000,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'x-forwarded-for': `10.${(shopper >> 16) & 255}.${(shopper >> 8) & 255}.${shopper & 255}`,
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => resolve(Buffer.concat(chunks).toString()));
        },
      );
      request.on('timeout', () => request.destroy(new Error('no answer in 60 s')));
      request.on('error', reject);
      request.end(body);
    });
    const answer = JSON.parse(text) as { data?: Record<string, unknown>; errors?: { message: string }[] };
    if (answer.errors?.[0]) throw new Error(answer.errors[0].message);
    return answer.data ?? {};
  }

  async #change(query: string, field: string, flow: Flow, input: unknown): Promise<Answer & { token: string; cart: { id: string; shippingMethods: { id: string; price: { amount: number } }[] } }> {
    const data = await this.query(query, { input }, flow.number);
    const result = data[field] as Answer & { token: string; cart: { id: string; shippingMethods: { id: string; price: { amount: number } }[] } };
    if (result.__typename !== 'CartPayload') throw new Error(`${field}: ${JSON.stringify(result)}`);
    return result;
  }

  async cart(flow: Flow): Promise<void> {
    const made = await this.#change(CART_CREATE, 'cartCreate', flow, { lines: flow.variantIds.map((variantId) => ({ variantId, quantity: 1 })) });
    flow.token = made.token;
    flow.cartId = made.cart.id;
  }

  async address(flow: Flow): Promise<void> {
    const shippingAddress = { firstName: 'Ada', lastName: 'Bench', line1: `${flow.number} Main St`, city: 'New York', region: 'NY', postalCode: '10001', countryCode: 'US', phone: '5550100' };
    const { cart } = await this.#change(CART_UPDATE, 'cartUpdate', flow, { token: flow.token, email: flow.email, shippingAddress, billingAddress: shippingAddress });
    const method = cart.shippingMethods[0];
    if (!method) throw new Error('no shipping method');
    flow.shippingMethodId = method.id;
  }

  async shipping(flow: Flow): Promise<void> {
    await this.#change(CART_UPDATE, 'cartUpdate', flow, { token: flow.token, shippingMethodId: flow.shippingMethodId });
  }

  async complete(flow: Flow): Promise<void> {
    const data = await this.query(SUBMIT, { input: { cartToken: flow.token, paymentMethod: `pm_card_visa_fp_${flow.number}` } }, flow.number);
    const result = data['checkoutSubmit'] as Answer & { order?: { id: string } };
    if (!result.order) {
      flow.refusal = result.__typename;
      throw new Error(result.__typename);
    }
    flow.orderId = result.order.id;
  }

  /** Takes the flow through the steps up to `last`, timing each. */
  async run(flow: Flow, last: Step = 'complete'): Promise<Flow> {
    for (const step of STEPS) {
      flow.at = step;
      flow.since = performance.now();
      await this[step](flow);
      flow.ms[step] = performance.now() - flow.since;
      if (step === last) break;
    }
    return flow;
  }

  async listing(after?: string): Promise<string | null> {
    const { products } = (await this.query(LISTING, { after })) as {
      products: { nodes: { variants: { price: { amount: number } }[] }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    };
    if (products.nodes.length !== 20 || !products.nodes[0]?.variants[0]?.price.amount) throw new Error('wrong listing');
    return products.pageInfo.hasNextPage ? products.pageInfo.endCursor : null;
  }

  async detail(handle: string): Promise<void> {
    const { product } = (await this.query(DETAIL, { handle })) as { product: { handle: string; variants: unknown[] } | null };
    if (product?.handle !== handle || product.variants.length !== 2) throw new Error('wrong product');
  }
}
