import { invalid } from '../shared/errors.ts';

/** How an endpoint is told that it is us, beside the signature. Everything but names and addresses is secret. */
export type EndpointAuthentication =
  | { readonly type: 'none' }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'bearer'; readonly token: string }
  | {
      readonly type: 'oauth_client_credentials';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope?: string;
    };

/** What we show in the TLS handshake (mTLS). All in PEM; the key is secret. */
export interface ClientCertificate {
  /** With the intermediates behind it. */
  readonly certificate: string;
  readonly key: string;
  /** The authorities that vouch for the endpoint, in place of those that the system trusts. */
  readonly certificateAuthority?: string;
}

const MAX_LENGTH = 4_096;
/** What HTTP lets pass as a token behind `Bearer`. */
const BEARER_TOKEN = /^[\w.~+/-]+=*$/;
/** Scopes of OAuth, with one space between them. */
const SCOPE = /^[!#-[\]-~]+( [!#-[\]-~]+)*$/;
const HAS_CONTROL_CHARACTER = /\p{Cc}/u;

/** Whether a text may stand behind `Bearer` in a header. */
export const isBearerToken = (text: string): boolean => text.length <= MAX_LENGTH && BEARER_TOKEN.test(text);

function assertText(field: string, text: string, { mayBeEmpty = false } = {}): void {
  if (text === '' && !mayBeEmpty) throw invalid(field, 'Must not be empty');
  if (text.length > MAX_LENGTH) throw invalid(field, `Must have at most ${MAX_LENGTH} characters`);
  if (HAS_CONTROL_CHARACTER.test(text)) throw invalid(field, 'Must not have control characters');
}

/** Raises INVALID_INPUT for what HTTP or OAuth cannot carry. The token URL is left to `WebhookSender.check`. */
export function assertEndpointAuthentication(authentication: EndpointAuthentication, field: string): void {
  switch (authentication.type) {
    case 'none':
      return;
    case 'basic':
      assertText(`${field}.username`, authentication.username);
      assertText(`${field}.password`, authentication.password, { mayBeEmpty: true });
      // The first colon ends the name.
      if (authentication.username.includes(':')) throw invalid(`${field}.username`, 'Must not have a colon');
      return;
    case 'bearer':
      if (!isBearerToken(authentication.token)) throw invalid(`${field}.token`, 'Must have letters, digits and -._~+/ only');
      return;
    case 'oauth_client_credentials':
      assertText(`${field}.clientId`, authentication.clientId);
      assertText(`${field}.clientSecret`, authentication.clientSecret);
      if (authentication.scope !== undefined && (authentication.scope.length > MAX_LENGTH || !SCOPE.test(authentication.scope))) {
        throw invalid(`${field}.scope`, 'Must be scopes with one space between them');
      }
      return;
  }
}
