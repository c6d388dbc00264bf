import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeaderMap, type ApolloServer } from '@apollo/server';
import { guardRequest } from './card-number-guard.ts';
import type { RequestContext } from './context.ts';

/** What Apollo looks at: content negotiation and the prevention of cross-site requests. */
const FORWARDED_HEADERS = ['content-type', 'accept', 'apollo-require-preflight', 'x-apollo-operation-name'] as const;

/**
 * Hands a request, its body parsed, to Apollo and writes the answer. Does what Apollo's Express integration does without
 * copying every header and without an ETag over every answer.
 */
export async function answerGraphql(
  apollo: ApolloServer<RequestContext>,
  request: IncomingMessage & { readonly body?: unknown },
  response: ServerResponse,
  context: RequestContext,
): Promise<void> {
  const headers = new HeaderMap();
  for (const name of FORWARDED_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const url = request.url ?? '';
  const query = url.indexOf('?');
  const search = query === -1 ? '' : url.slice(query);
  const { body, refusal } = guardRequest(request.body);
  const answer = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: request.method ?? 'GET', headers, search, body },
    context: async () => (refusal ? Object.assign(context, { refusal }) : context),
  });
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.setHeader('cache-control', 'no-store');
  response.statusCode = answer.status ?? 200;
  if (answer.body.kind === 'complete') {
    response.setHeader('content-length', Buffer.byteLength(answer.body.string));
    response.end(answer.body.string);
    return;
  }
  for await (const chunk of answer.body.asyncIterator) response.write(chunk);
  response.end();
}
