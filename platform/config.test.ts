import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ConfigError, environment, loadConfig } from './config.ts';

const failure = (env: NodeJS.ProcessEnv): string => {
  try {
    loadConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return assert.fail('the settings were accepted');
};

test('an empty environment is a local store', () => {
  const config = loadConfig({});
  assert.equal(config.http.port, 4000);
  assert.equal(config.http.publicUrl, 'http://localhost:4000');
  assert.match(config.dataDir, /^\/.*\.headlesspro$|^[A-Z]:.*\.headlesspro$/);
  assert.equal(config.postgres.url, undefined);
  assert.equal(config.temporal.tls, undefined);
  assert.deepEqual(config.payloadKeys, []);
  assert.equal(config.given.size, 0);
});

test('the ports of a store stand beside PORT unless they are set', () => {
  const config = loadConfig({ PORT: '4100', TEMPORAL_PORT: '7233' });
  assert.deepEqual([config.postgres.port, config.temporal.port, config.temporal.uiPort], [4101, 7233, 4103]);
  assert.deepEqual([...config.given], ['PORT', 'TEMPORAL_PORT']);
  assert.equal(loadConfig({ PORT: '0' }).postgres.port, 0);
});

test('true and false are told apart, and an empty variable is unset', () => {
  for (const value of ['true', '1', 'YES', 'on']) assert.equal(loadConfig({ TEMPORAL_IN_MEMORY: value }).temporal.inMemory, true);
  for (const value of ['false', '0', 'No', 'off', ''])
    assert.equal(loadConfig({ TEMPORAL_IN_MEMORY: value }).temporal.inMemory, false);
  assert.match(failure({ TEMPORAL_IN_MEMORY: 'maybe' }), /^TEMPORAL_IN_MEMORY must be true or false$/);
});

test('a bad value is named in one line, and never shown', () => {
  for (const [name, value] of Object.entries({
    PORT: '70000',
    DATABASE_URL: 'mysql://user:hunter2@host/db',
    ADMIN_API_KEY: 'hunter2',
    PAYLOAD_ENCRYPTION_KEYS: 'k1:hunter2',
    TEMPORAL_ADDRESS: 'hunter2',
    LOG_LEVEL: 'hunter2',
    PUBLIC_URL: 'ftp://hunter2',
    WORKER_METRICS_PORT: '-1',
  })) {
    const message = failure({ [name]: value });
    assert.ok(message.startsWith(`${name} must `), message);
    assert.ok(!message.includes('hunter2') && !message.includes('\n'), message);
  }
  assert.match(failure({ PORT: 'x', GRAPHQL_MAX_DEPTH: '0' }), /^PORT must .*; GRAPHQL_MAX_DEPTH must /);
});

test('payload keys: the first of several is the current one', () => {
  const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const { payloadKeys } = loadConfig({
    PAYLOAD_ENCRYPTION_KEYS: `new:${first.toString('base64')}, old:${second.toString('base64url')}`,
  });
  assert.deepEqual(payloadKeys, [
    { id: 'new', key: first },
    { id: 'old', key: second },
  ]);
  assert.match(
    failure({ PAYLOAD_ENCRYPTION_KEYS: `a:${first.toString('base64')},a:${second.toString('base64')}` }),
    /names a key id twice/,
  );
});

test('an API key or a certificate turns TLS to Temporal on', () => {
  assert.deepEqual(loadConfig({ TEMPORAL_API_KEY: 'key' }).temporal.tls, {});
  assert.equal(loadConfig({ TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: 'false' }).temporal.tls, undefined);
  const files = { TEMPORAL_TLS_CLIENT_CERT_PATH: 'c.pem', TEMPORAL_TLS_CLIENT_KEY_PATH: 'k.pem' };
  assert.deepEqual(loadConfig(files).temporal.tls, { clientCertPath: 'c.pem', clientKeyPath: 'k.pem' });
  assert.match(failure({ TEMPORAL_TLS_CLIENT_KEY_PATH: 'k.pem' }), /must be set together/);
});

test('.env.example explains every variable and no other', () => {
  const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
  const named = example.split('\n').flatMap((line) => /^# ?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1] ?? []);
  assert.deepEqual(named.toSorted(), Object.keys(environment).toSorted());
});

test('the defaults that .env.example states are those of the schema', () => {
  const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
  const stated = Object.fromEntries(
    example.split('\n').flatMap((line) => {
      const [, name, value] = /^# ?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value]];
    }),
  );
  assert.deepEqual({ ...loadConfig(stated), given: null }, { ...loadConfig({}), given: null });
});

test('mails go into a folder unless there is a mail server, and are shown on this machine only', () => {
  const { mail, dataDir } = loadConfig({});
  assert.deepEqual([mail.smtpUrl, mail.folder, mail.preview], [undefined, `${dataDir}/mails`, true]);
  assert.equal(loadConfig({ HOST: '0.0.0.0' }).mail.preview, false);
  assert.equal(loadConfig({ TRUST_PROXY: '1' }).mail.preview, false);
  assert.equal(loadConfig({ HOST: '0.0.0.0', MAIL_PREVIEW: 'true' }).mail.preview, true);
  assert.equal(loadConfig({ MAIL_PREVIEW: 'false' }).mail.preview, false);
  const server = { SMTP_URL: 'smtp://user:hunter2@mail.example.com', MAIL_FROM: 'shop@example.com' };
  assert.equal(loadConfig({ ...server, MAIL_PREVIEW: 'true' }).mail.preview, false);
  assert.match(failure({ SMTP_URL: server.SMTP_URL }), /^MAIL_FROM must be set when SMTP_URL is$/);
  assert.match(failure({ ...server, SMTP_TLS: 'false' }), /^SMTP_TLS must be true when SMTP_URL has a password$/);
  for (const MAIL_FROM of ['Shop <shop@example.com>', 'shop', 'a@b@c', 'a b@example.com']) assert.match(failure({ MAIL_FROM }), /^MAIL_FROM must be an address/);
});
