import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertEndpointAuthentication, type EndpointAuthentication } from './endpoint-authentication.ts';

const oauth = {
  type: 'oauth_client_credentials',
  tokenUrl: 'https://login.example/token',
  clientId: 'us',
  clientSecret: 's',
} as const;

test('takes what HTTP and OAuth can carry', () => {
  const sound: EndpointAuthentication[] = [
    { type: 'none' },
    { type: 'basic', username: 'us', password: '' },
    { type: 'basic', username: 'Žofie', password: 'pass:word with ünicode' },
    { type: 'bearer', token: 'eyJhbGciOi.J9-_~+/abc==' },
    oauth,
    { ...oauth, scope: 'events:write orders' },
  ];
  for (const authentication of sound) assertEndpointAuthentication(authentication, 'authentication');
});

test('names the field that is at fault', () => {
  const unsound: [EndpointAuthentication, string][] = [
    [{ type: 'basic', username: '', password: 'x' }, 'username'],
    [{ type: 'basic', username: 'a:b', password: 'x' }, 'username'],
    [{ type: 'basic', username: 'a', password: 'x\r\nx-evil: 1' }, 'password'],
    [{ type: 'basic', username: 'a', password: 'x'.repeat(4_097) }, 'password'],
    [{ type: 'bearer', token: '' }, 'token'],
    [{ type: 'bearer', token: 'two words' }, 'token'],
    [{ type: 'bearer', token: 'line\nbreak' }, 'token'],
    [{ ...oauth, clientId: '' }, 'clientId'],
    [{ ...oauth, clientSecret: '' }, 'clientSecret'],
    [{ ...oauth, scope: 'a  b' }, 'scope'],
    [{ ...oauth, scope: 'a"b' }, 'scope'],
  ];
  for (const [authentication, field] of unsound) {
    assert.throws(() => assertEndpointAuthentication(authentication, 'authentication'), {
      code: 'INVALID_INPUT',
      field: `authentication.${field}`,
    });
  }
});
