import { invalid } from '../../../domain/shared/errors.ts';
import type { EndpointAuthentication } from '../../../domain/webhooks/endpoint-authentication.ts';
import type { EndpointSettings } from '../../../domain/webhooks/webhook-stores.ts';
import { fromEnum } from '../enum-names.ts';
import type { WebhookAuthenticationInput, WebhookEndpointUpdateInput, WebhookHeaderInput } from '../generated/admin.ts';

/** What an endpoint can be set to, as both inputs have it. */
type SettingsInput = Omit<WebhookEndpointUpdateInput, 'endpointId' | 'version' | 'actor'>;

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/** As the type says; what else was given is refused, for it would be thought to be kept. Raises INVALID_INPUT. */
function toAuthentication(input: WebhookAuthenticationInput): EndpointAuthentication {
  const { type: asked, ...given } = input;
  const type = fromEnum(asked);
  const taken = new Set<string>();
  const required = (field: keyof typeof given): string => {
    taken.add(field);
    const value = given[field];
    if (value == null) throw invalid(`authentication.${field}`, `Is needed for ${asked}`);
    return value;
  };
  const optional = (field: keyof typeof given): string | undefined => {
    taken.add(field);
    return given[field] ?? undefined;
  };
  const read = (): EndpointAuthentication => {
    switch (type) {
      case 'none':
        return { type };
      case 'basic':
        return { type, username: required('username'), password: required('password') };
      case 'bearer':
        return { type, token: required('token') };
      case 'oauth_client_credentials': {
        const scope = optional('scope');
        return { type, tokenUrl: required('tokenUrl'), clientId: required('clientId'), clientSecret: required('clientSecret'), ...(scope === undefined ? {} : { scope }) };
      }
    }
  };
  const authentication = read();
  const surplus = Object.entries(given).find(([field, value]) => value != null && !taken.has(field));
  if (surplus) throw invalid(`authentication.${surplus[0]}`, `Is not for ${asked}`);
  return authentication;
}

/** Names in lower case. Raises INVALID_INPUT for one that is given twice. */
function toHeaders(input: readonly WebhookHeaderInput[]): Record<string, string> {
  const headers = new Map<string, string>();
  input.forEach(({ name, value }, index) => {
    const lower = name.toLowerCase();
    if (headers.has(lower)) throw invalid(`headers.${index}.name`, 'Is given twice');
    headers.set(lower, value);
  });
  return Object.fromEntries(headers);
}

/** What was given. Null is a value where an endpoint can be without, and else as if it were not there. Raises INVALID_INPUT. */
export function settingsInput(input: SettingsInput): Partial<EndpointSettings> {
  const settings: Partial<Writable<EndpointSettings>> = {};
  const { description, filter, selection, transformation, rateLimit, clientCertificate } = input;
  const take = <Field extends keyof EndpointSettings>(field: Field, value: EndpointSettings[Field] | null | undefined): void => {
    if (value != null) settings[field] = value;
  };
  take('url', input.url);
  take('eventTypes', input.eventTypes);
  take('headers', input.headers && toHeaders(input.headers));
  take('authentication', input.authentication && toAuthentication(input.authentication));
  take('ordered', input.ordered);
  take('maxInFlight', input.maxInFlight);
  take('timeoutMs', input.timeoutMs);
  take('retryHours', input.retryHours);
  if (description !== undefined) settings.description = description;
  if (filter !== undefined) settings.filter = filter;
  if (selection !== undefined) settings.selection = selection;
  if (transformation !== undefined) settings.transformation = transformation;
  if (rateLimit !== undefined) settings.rateLimit = rateLimit;
  if (clientCertificate !== undefined) {
    const { certificate, key, certificateAuthority } = clientCertificate ?? {};
    settings.clientCertificate =
      certificate === undefined || key === undefined ? null : { certificate, key, ...(certificateAuthority == null ? {} : { certificateAuthority }) };
  }
  return settings;
}
