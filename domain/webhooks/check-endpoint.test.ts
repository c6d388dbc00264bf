import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalid } from '../shared/errors.ts';
import { assertEndpointSettings, ENDPOINT_LIMITS, type EndpointChecks } from './check-endpoint.ts';
import type { EndpointSettings } from './webhook-stores.ts';

const settings: EndpointSettings = {
  url: 'https://erp.example/hooks',
  description: 'ERP',
  eventTypes: ['order.*', 'payment.captured'],
  filter: { path: 'data.channelId', op: '=', value: 'chan_1' },
  selection: '{ orderId }',
  transformation: { id: '{{data.orderId}}' },
  headers: { 'x-tenant': 'eu 1' },
  authentication: { type: 'none' },
  clientCertificate: null,
  ordered: true,
  rateLimit: null,
  maxInFlight: 8,
  timeoutMs: 15_000,
  retryHours: 96,
};

const checks: EndpointChecks = {
  checkUrl: (url) => (url.startsWith('https://') ? undefined : { kind: 'refused', reason: 'scheme_not_allowed', message: 'Must be https' }),
  parseSelection(text, field) {
    if (text !== '{ orderId }') throw invalid(field, 'Cannot be read');
    return [{ as: 'orderId', name: 'orderId', fields: null }];
  },
};

const EVERYTHING = new Set(Object.keys(settings) as (keyof EndpointSettings)[]);
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\nAA==\n-----END CERTIFICATE-----\n';
const oauth = { type: 'oauth_client_credentials', clientId: 'us', clientSecret: 's' } as const;

test('takes what is right', () => {
  const sound: Partial<EndpointSettings>[] = [
    {},
    { description: null, filter: null, selection: null, transformation: null },
    { rateLimit: 1, maxInFlight: 100, timeoutMs: 1_000, retryHours: 720 },
    { headers: { authorization: 'Token abc' } },
    { authentication: { ...oauth, tokenUrl: 'https://login.example/token' } },
    { clientCertificate: { certificate: PEM + PEM, key: PEM, certificateAuthority: PEM } },
  ];
  for (const change of sound) assertEndpointSettings({ ...settings, ...change }, EVERYTHING, checks);
});

test('names the field that is at fault', () => {
  const unsound: [Partial<EndpointSettings>, string][] = [
    [{ url: 'http://erp.example' }, 'url'],
    [{ url: `https://erp.example/${'x'.repeat(ENDPOINT_LIMITS.urlLength)}` }, 'url'],
    [{ description: 'x'.repeat(501) }, 'description'],
    [{ eventTypes: [] }, 'eventTypes'],
    [{ eventTypes: ['order.*', 'Order'] }, 'eventTypes.1'],
    [{ filter: { path: 'data.x', op: '~', value: 1 } }, 'filter.op'],
    [{ filter: 'x'.repeat(ENDPOINT_LIMITS.json) }, 'filter'],
    [{ selection: '{ orderId' }, 'selection'],
    [{ transformation: { id: '{{secrets}}' } }, 'transformation.id'],
    [{ transformation: ['x'.repeat(ENDPOINT_LIMITS.json)] }, 'transformation'],
    [{ headers: { host: 'x' } }, 'headers.host'],
    [{ headers: { 'webhook-id': 'x' } }, 'headers.webhook-id'],
    [{ headers: { 'X-Tenant': 'x' } }, 'headers.X-Tenant'],
    [{ headers: { 'x tenant': 'x' } }, 'headers'],
    [{ headers: { 'x-tenant': 'a\r\nhost: b' } }, 'headers.x-tenant'],
    [{ headers: { 'x-tenant': '日' } }, 'headers.x-tenant'],
    [{ headers: { 'x-tenant': 'x'.repeat(ENDPOINT_LIMITS.headerLength + 1) } }, 'headers.x-tenant'],
    [{ headers: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`x-${index}`, ''])) }, 'headers'],
    [{ headers: { authorization: 'x' }, authentication: { type: 'bearer', token: 't' } }, 'headers.authorization'],
    [{ authentication: { type: 'bearer', token: 'two words' } }, 'authentication.token'],
    [{ authentication: { ...oauth, tokenUrl: 'http://login.example/token' } }, 'authentication.tokenUrl'],
    [{ clientCertificate: { certificate: PEM, key: 'key' } }, 'clientCertificate.key'],
    [{ clientCertificate: { certificate: 'x', key: PEM } }, 'clientCertificate.certificate'],
    [{ clientCertificate: { certificate: PEM, key: PEM, certificateAuthority: '' } }, 'clientCertificate.certificateAuthority'],
    [{ rateLimit: 0 }, 'rateLimit'],
    [{ rateLimit: 1.5 }, 'rateLimit'],
    [{ maxInFlight: 101 }, 'maxInFlight'],
    [{ timeoutMs: 999 }, 'timeoutMs'],
    [{ retryHours: 71 }, 'retryHours'],
  ];
  for (const [change, field] of unsound) {
    assert.throws(() => assertEndpointSettings({ ...settings, ...change }, EVERYTHING, checks), { code: 'INVALID_INPUT', field }, JSON.stringify(change).slice(0, 100));
  }
});

test('what is not changed may stay as it was', () => {
  const old = { ...settings, url: 'http://once-allowed.example' };
  assertEndpointSettings(old, new Set(['description']), checks);
  assert.throws(() => assertEndpointSettings(old, new Set(['url']), checks), { field: 'url' });
  // The two belong together, whichever is changed.
  const both: EndpointSettings = { ...settings, headers: { authorization: 'x' }, authentication: { type: 'bearer', token: 't' } };
  assert.throws(() => assertEndpointSettings(both, new Set(['authentication']), checks), { field: 'headers.authorization' });
});
