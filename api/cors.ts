import type { RequestHandler } from 'express';

const ALLOWED_HEADERS = 'authorization, content-type, idempotency-key, x-cart-token, x-channel, x-customer-token, x-locale, x-visitor, x-request-id, apollo-require-preflight, traceparent';
const EXPOSED_HEADERS = 'x-request-id, idempotent-replayed';
const PREFLIGHT_SECONDS = '7200';

/**
 * Lets browsers of these origins (`*`: all) read the answers. Nothing here is authorized by a cookie, so credentials are never
 * allowed. Answers preflight requests.
 */
export function cors(origins: readonly string[]): RequestHandler {
  const anyOrigin = origins.includes('*');
  return (request, response, next) => {
    const { origin } = request.headers;
    if (anyOrigin) response.setHeader('access-control-allow-origin', '*');
    else {
      response.vary('origin');
      if (origin !== undefined && origins.includes(origin)) response.setHeader('access-control-allow-origin', origin);
    }
    if (request.method !== 'OPTIONS') {
      response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
      next();
      return;
    }
    response.setHeader('access-control-allow-methods', 'GET, POST, PATCH, DELETE, OPTIONS');
    response.setHeader('access-control-allow-headers', ALLOWED_HEADERS);
    response.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
    response.status(204).end();
  };
}
