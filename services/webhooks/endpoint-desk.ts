import { assertEndpointSettings, type EndpointChecks } from '../../domain/webhooks/check-endpoint.ts';
import type { WebhookEndpoint, WebhookSecret } from '../../domain/webhooks/endpoint.ts';
import type { WebhookSender } from '../../domain/webhooks/webhook-sender.ts';
import type { WebhookSigner } from '../../domain/webhooks/signature.ts';
import type { EndpointBacklog, EndpointSettings } from '../../domain/webhooks/webhook-stores.ts';
import { DomainError, invalid, notFound, VersionMismatchError } from '../../domain/shared/errors.ts';
import type { IdGenerator } from '../../domain/shared/ids.ts';
import type { Page, PageRequest } from '../../domain/shared/page.ts';
import type { Stores, Work } from '../stores.ts';
import { parseSelection } from './parse-selection.ts';
import type { EventType } from '../../domain/webhooks/event-catalogue.ts';

/** Of a secret, once it was shown. */
export type SecretHint = Pick<WebhookSecret, 'id' | 'createdAt' | 'expiresAt'> & { readonly last4: string };

/** An endpoint with a secret that is shown this once. */
export interface EndpointWithSecret {
  readonly endpoint: WebhookEndpoint;
  readonly secret: string;
}

/** What operators do with endpoints. Whatever they change is in the audit log, without secrets. */
export interface EndpointDesk {
  get(endpointId: string): Promise<WebhookEndpoint | undefined>;
  list(page: PageRequest, filter: { status?: WebhookEndpoint['status'] }): Promise<Page<WebhookEndpoint>>;
  /** Those that sign now, newest first. */
  secrets(endpointId: string): Promise<SecretHint[]>;
  backlog(endpointId: string): Promise<EndpointBacklog>;
  /** What is not set is as in `DEFAULT_SETTINGS`. Raises INVALID_INPUT. */
  create(settings: Pick<EndpointSettings, 'url' | 'eventTypes'> & Partial<EndpointSettings>, actor: string): Promise<EndpointWithSecret>;
  /** Fields that are absent stay. Raises NOT_FOUND, VERSION_MISMATCH, INVALID_INPUT. */
  update(endpointId: string, version: number, change: Partial<EndpointSettings>, actor: string): Promise<WebhookEndpoint>;
  /** What it had pending is canceled. Raises NOT_FOUND. */
  remove(endpointId: string, actor: string): Promise<void>;
  /** What is for it waits from now on. Raises NOT_FOUND, INVALID_TRANSITION. */
  pause(endpointId: string, reason: string, actor: string): Promise<WebhookEndpoint>;
  /** What has waited goes on in order; of an active one, its circuit is closed. Raises NOT_FOUND. */
  resume(endpointId: string, actor: string): Promise<WebhookEndpoint>;
  /** A new secret; the old ones go on signing for so many hours. Raises NOT_FOUND, INVALID_INPUT, CONFLICT. */
  rotateSecret(endpointId: string, overlapHours: number, actor: string): Promise<EndpointWithSecret>;
}

/** What an endpoint is unless somebody says otherwise. */
export const DEFAULT_SETTINGS: Omit<EndpointSettings, 'url' | 'eventTypes'> = {
  description: null,
  filter: null,
  selection: null,
  transformation: null,
  headers: {},
  authentication: { type: 'none' },
  clientCertificate: null,
  ordered: true,
  rateLimit: null,
  maxInFlight: 8,
  timeoutMs: 15_000,
  retryHours: 96,
};

const MAX_OVERLAP_HOURS = 168;
/** Each of them is a signature in every request. */
const MAX_SECRETS = 5;
const LAST = 4;
/** As they are written in the audit log; all other values may be secret. */
const AUDITED = ['url', 'eventTypes', 'ordered', 'rateLimit', 'maxInFlight', 'timeoutMs', 'retryHours'] as const;

/** Makes sure that the endpoint is there and nobody else changes it meanwhile. Raises NOT_FOUND. */
export async function lockedEndpoint({ webhookEndpoints }: Pick<Stores, 'webhookEndpoints'>, endpointId: string): Promise<WebhookEndpoint> {
  const endpoint = await webhookEndpoints.lock(endpointId);
  if (!endpoint) throw notFound('The webhook endpoint', 'endpointId');
  return endpoint;
}

const audited = (change: Partial<EndpointSettings>): Record<string, unknown> => ({
  fields: Object.keys(change),
  ...Object.fromEntries(AUDITED.flatMap((field) => (change[field] === undefined ? [] : [[field, change[field]]]))),
});

const hint = ({ id, secret, createdAt, expiresAt }: WebhookSecret): SecretHint => ({ id, createdAt, expiresAt, last4: secret.slice(-LAST) });

/** Builds it over the stores. */
export function createEndpointDesk(deps: { work: Work; sender: Pick<WebhookSender, 'check'>; signer: Pick<WebhookSigner, 'newSecret'>; newId: IdGenerator }): EndpointDesk {
  const { work, sender, signer, newId } = deps;
  const { webhookEndpoints, webhookDeliveries } = work.stores;
  const checks: EndpointChecks = { checkUrl: (url) => sender.check(url), parseSelection };

  /** The endpoint as the change has left it. */
  async function changed(stores: Stores, endpointId: string): Promise<WebhookEndpoint> {
    const endpoint = await stores.webhookEndpoints.get(endpointId);
    if (!endpoint) throw new Error(`${endpointId} has vanished within a transaction`);
    return endpoint;
  }

  async function newSecret(stores: Stores, endpointId: string): Promise<string> {
    const secret = signer.newSecret();
    await stores.webhookEndpoints.addSecret(endpointId, { id: newId('webhookSecret'), secret });
    return secret;
  }

  const tell = (stores: Stores, type: Extract<EventType, `webhook_endpoint.${string}`>, { id, url }: WebhookEndpoint, more: Record<string, unknown> = {}): Promise<void> =>
    stores.outbox.append({ id: newId('event'), type, aggregateId: id, payload: { endpointId: id, url, ...more } });

  return {
    get: (endpointId) => webhookEndpoints.get(endpointId),
    list: (page, filter) => webhookEndpoints.list(page, filter),
    secrets: async (endpointId) => (await webhookEndpoints.secrets(endpointId)).map(hint),
    backlog: (endpointId) => webhookDeliveries.backlog(endpointId),

    create: (given, actor) =>
      work.transaction(async (stores) => {
        const settings: EndpointSettings = { ...DEFAULT_SETTINGS, ...given };
        assertEndpointSettings(settings, new Set(Object.keys(given) as (keyof EndpointSettings)[]), checks);
        const id = newId('webhookEndpoint');
        await stores.webhookEndpoints.insert({ ...settings, id, createdBy: actor });
        const secret = await newSecret(stores, id);
        await stores.audit.append({ actor, action: 'webhook_endpoint.create', subjectId: id, detail: audited(given) });
        return { endpoint: await changed(stores, id), secret };
      }),

    update: (endpointId, version, change, actor) =>
      work.transaction(async (stores) => {
        const present = await lockedEndpoint(stores, endpointId);
        if (present.version !== version) throw new VersionMismatchError(present.version);
        assertEndpointSettings({ ...present, ...change }, new Set(Object.keys(change) as (keyof EndpointSettings)[]), checks);
        await stores.webhookEndpoints.update(endpointId, change);
        await stores.audit.append({ actor, action: 'webhook_endpoint.update', subjectId: endpointId, detail: audited(change) });
        return changed(stores, endpointId);
      }),

    remove: (endpointId, actor) =>
      work.transaction(async (stores) => {
        const { url } = await lockedEndpoint(stores, endpointId);
        await stores.webhookEndpoints.remove(endpointId);
        await stores.audit.append({ actor, action: 'webhook_endpoint.delete', subjectId: endpointId, detail: { url } });
      }),

    pause: (endpointId, reason, actor) =>
      work.transaction(async (stores) => {
        const present = await lockedEndpoint(stores, endpointId);
        if (present.status === 'paused') throw new DomainError('INVALID_TRANSITION', 'The webhook endpoint is paused already', 'endpointId');
        await stores.webhookEndpoints.pause(endpointId, reason);
        await stores.audit.append({ actor, action: 'webhook_endpoint.pause', subjectId: endpointId, detail: { reason } });
        await tell(stores, 'webhook_endpoint.paused', present, { reason });
        return changed(stores, endpointId);
      }),

    resume: (endpointId, actor) =>
      work.transaction(async (stores) => {
        const present = await lockedEndpoint(stores, endpointId);
        await stores.webhookEndpoints.resume(endpointId);
        await stores.audit.append({ actor, action: 'webhook_endpoint.resume', subjectId: endpointId });
        if (present.status === 'paused') await tell(stores, 'webhook_endpoint.resumed', present);
        return changed(stores, endpointId);
      }),

    rotateSecret: (endpointId, overlapHours, actor) =>
      work.transaction(async (stores) => {
        if (!Number.isSafeInteger(overlapHours) || overlapHours < 0 || overlapHours > MAX_OVERLAP_HOURS) {
          throw invalid('overlapHours', `Must be 0 to ${MAX_OVERLAP_HOURS}`);
        }
        const endpoint = await lockedEndpoint(stores, endpointId);
        const { length } = await stores.webhookEndpoints.secrets(endpointId);
        if (length >= MAX_SECRETS && overlapHours > 0) {
          throw new DomainError('CONFLICT', `${MAX_SECRETS} secrets are valid already: wait, or rotate with overlapHours 0`, 'overlapHours');
        }
        const secret = await newSecret(stores, endpointId);
        await stores.webhookEndpoints.expireOldSecrets(endpointId, overlapHours * 3_600);
        await stores.audit.append({ actor, action: 'webhook_endpoint.rotate_secret', subjectId: endpointId, detail: { overlapHours } });
        return { endpoint, secret };
      }),
  };
}
