import { validateHeaderName, validateHeaderValue } from 'node:http';
import { createSecureContext } from 'node:tls';
import {
  isBearerToken,
  type ClientCertificate,
  type EndpointAuthentication,
} from '../../domain/webhooks/endpoint-authentication.ts';
import { createAddressGuard } from '../../domain/webhooks/private-address.ts';
import {
  isReservedHeader,
  type WebhookAnswer,
  type WebhookRefusal,
  type WebhookRequest,
  type WebhookSender,
} from '../../domain/webhooks/webhook-sender.ts';
import { parseEndpointUrl, refusal } from './endpoint-url.ts';
import { exchange, type ExchangeRequest } from './exchange.ts';
import { explain, type Fault } from './failure.ts';
import { createGuardedAgents } from './guarded-agents.ts';
import { createAccessTokens } from './oauth-client-credentials.ts';
import { createHostResolver, type HostResolver } from './resolve-host.ts';

export interface WebhookSenderOptions {
  /** CIDRs that are not public and may be sent to all the same. */
  readonly allowedNetworks: readonly string[];
  /** Whether `http:` will do, for endpoints and token endpoints alike. */
  readonly allowHttp: boolean;
  /** The operating system's unless told. */
  readonly resolve?: HostResolver;
  /** Connections to one host at the same time; further requests wait, within their time. */
  readonly maxSocketsPerHost?: number;
}

/** Endpoints of many owners may be behind one host. */
const MAX_SOCKETS_PER_HOST = 64;

interface Authorization {
  readonly authorization?: string;
  /** Tells that the endpoint did not accept it. */
  readonly rejected?: () => void;
}

/** Header names in lower case, or what cannot be sent of them. Values are not told: they may be secret. */
function checkedHeaders(headers: WebhookRequest['headers']): Map<string, string> | WebhookRefusal {
  for (const [name, value] of Object.entries(headers)) {
    if (isReservedHeader(name)) return refusal('reserved_header', `The header ${name} is ours to set`);
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      return refusal('invalid_header', `The header ${JSON.stringify(name)} has characters that HTTP does not carry`);
    }
  }
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function unusableCertificate({ certificate, key, certificateAuthority }: ClientCertificate): WebhookRefusal | undefined {
  try {
    createSecureContext({ cert: certificate, key, ...(certificateAuthority !== undefined && { ca: certificateAuthority }) });
    return undefined;
  } catch {
    return refusal(
      'invalid_client_certificate',
      'The client certificate, its key or its authority cannot be read, or they do not match',
    );
  }
}

/** Sends over HTTP/1.1, to public addresses and allowed networks only. Raises INVALID_INPUT for a network that cannot be read. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender & { close(): void } {
  const { allowedNetworks, allowHttp, resolve = createHostResolver(), maxSocketsPerHost = MAX_SOCKETS_PER_HOST } = options;
  const blockedNetwork = createAddressGuard(allowedNetworks);
  const agents = createGuardedAgents({ resolve, blockedNetwork, maxSocketsPerHost });
  const parseUrl = (url: string): URL | WebhookRefusal => parseEndpointUrl(url, { blockedNetwork, allowHttp });
  const send = (request: ExchangeRequest): ReturnType<typeof exchange> => exchange(agents, request);
  const accessTokens = createAccessTokens({ send, parseUrl });

  /** What goes into the `authorization` header, if anything. */
  async function authorize(
    authentication: EndpointAuthentication,
    deadline: number,
  ): Promise<Authorization | WebhookRefusal | Fault> {
    switch (authentication.type) {
      case 'none':
        return {};
      case 'basic': {
        const { username, password } = authentication;
        return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
      }
      case 'bearer':
        return isBearerToken(authentication.token)
          ? { authorization: `Bearer ${authentication.token}` }
          : refusal('invalid_header', 'The bearer token has characters that HTTP does not carry');
      case 'oauth_client_credentials': {
        const answer = await accessTokens.token(authentication, deadline);
        if (!('token' in answer)) return answer;
        return { authorization: `Bearer ${answer.token}`, rejected: () => accessTokens.drop(authentication, answer.token) };
      }
    }
  }

  async function attempt(request: WebhookRequest, startedAt: number): Promise<WebhookAnswer> {
    const { authentication, clientCertificate, body, maxResponseBytes } = request;
    const deadline = startedAt + request.timeoutMs;
    const durationMs = (): number => Math.round(performance.now() - startedAt);

    const url = parseUrl(request.url);
    if (!(url instanceof URL)) return url;
    const headers = checkedHeaders(request.headers);
    if (!(headers instanceof Map)) return headers;
    const unusable = clientCertificate && unusableCertificate(clientCertificate);
    if (unusable !== undefined) return unusable;
    const authorized = await authorize(authentication, deadline);
    if ('kind' in authorized) return authorized;
    if ('reason' in authorized) return { kind: 'failed', ...authorized, durationMs: durationMs() };

    const { authorization, rejected } = authorized;
    if (authorization !== undefined) headers.set('authorization', authorization);
    try {
      const answer = await send({
        url,
        headers: Object.fromEntries(headers),
        body,
        deadline,
        maxResponseBytes,
        clientCertificate,
      });
      if (answer.status === 401) rejected?.();
      return { kind: 'answered', ...answer, durationMs: durationMs() };
    } catch (error) {
      const explained = explain(error, url);
      return 'kind' in explained ? explained : { kind: 'failed', ...explained, durationMs: durationMs() };
    }
  }

  return {
    send: (request) => attempt(request, performance.now()),
    check(url) {
      const parsed = parseUrl(url);
      return parsed instanceof URL ? undefined : parsed;
    },
    close: () => agents.close(),
  };
}
