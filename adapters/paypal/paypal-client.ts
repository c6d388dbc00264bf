import {
  Client,
  Environment,
  OrdersController,
  PaymentsController,
  TransactionSearchController,
  VaultController,
} from '@paypal/paypal-server-sdk';
import type { PaypalTransport } from './paypal-transport.ts';

/** PayPal's routes as its SDK knows them, and the transport for those that it does not. */
export interface PaypalClient {
  readonly orders: OrdersController;
  readonly payments: PaymentsController;
  readonly transactions: TransactionSearchController;
  readonly vault: VaultController;
  readonly transport: PaypalTransport;
}

/** A request as the SDK hands it to its HTTP client. */
interface OutgoingRequest {
  readonly url: string;
  readonly method: string;
  readonly data?: string;
  readonly headers: { toJSON(): Readonly<Record<string, unknown>> };
}

/**
 * PayPal's official SDK on our transport. The SDK has no setting for another server, so the transport takes the path of each
 * request and knows where it goes. Its option for that is called unstable, which is why the SDK's version is pinned.
 */
export function createPaypalClient(transport: PaypalTransport): PaypalClient {
  const adapter = async (request: OutgoingRequest): Promise<unknown> => {
    const { pathname, search } = new URL(request.url);
    const headers = Object.fromEntries(
      Object.entries(request.headers.toJSON()).map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
    const body = request.data === undefined ? {} : { body: request.data };
    const answer = await transport.send({ method: request.method.toUpperCase(), path: `${pathname}${search}`, headers, ...body });
    return { data: answer.text, status: answer.status, statusText: '', headers: answer.headers, config: request, request: {} };
  };
  const client = new Client({
    environment: Environment.Production,
    // The transport puts the real token in its place; the SDK only has to believe that there is one.
    clientCredentialsAuthCredentials: {
      oAuthClientId: '',
      oAuthClientSecret: '',
      oAuthToken: { accessToken: 'kept-by-the-transport', tokenType: 'Bearer' },
    },
    unstable_httpClientOptions: { adapter },
  });
  return {
    orders: new OrdersController(client),
    payments: new PaymentsController(client),
    transactions: new TransactionSearchController(client),
    vault: new VaultController(client),
    transport,
  };
}
