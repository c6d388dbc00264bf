import { invalid } from '../../domain/shared/errors.ts';
import type { RestRequest } from './graphql-routes.ts';

const CART_TOKEN_HEADER = 'x-cart-token';

/** The page that the query asks for. Raises INVALID_INPUT. */
export function page({ query: { first, after } }: RestRequest): { first?: number; after?: string } {
  if (first !== undefined && !/^\d{1,4}$/.test(first)) throw invalid('first', 'Must be a whole number');
  return { ...(first === undefined ? {} : { first: Number(first) }), ...(after === undefined ? {} : { after }) };
}

/** The body as the command's input, the id in the path with it. */
export const input =
  (idName: 'orderId' | 'fulfillmentId' | 'returnId' | 'endpointId' | 'deliveryId' | 'ruleId' | 'synonymsId') =>
  ({ params, body }: RestRequest) => ({ input: { ...body, [idName]: params['id'] } });

/** The secret of the cart that was ordered: in a header, since addresses end up in logs. Raises INVALID_INPUT. */
export function cartToken({ header }: RestRequest): string {
  const token = header(CART_TOKEN_HEADER);
  if (token === undefined) throw invalid(CART_TOKEN_HEADER, 'Send the token of the cart that was ordered');
  return token;
}
