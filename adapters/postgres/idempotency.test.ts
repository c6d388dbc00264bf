import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStack, type Stack } from '../../tests/support/stack.ts';
import { ephemeral, openDatabase, type Database } from './database.ts';
import { createIdempotencyStore } from './idempotency.ts';

let stack: Stack;
let database: Database;

before(async () => {
  stack = await startStack();
  database = openDatabase({ url: stack.databaseUrl, poolSize: 8 });
});

after(async () => {
  await database.close();
  await stack.close();
});

const hash = (text: string): Uint8Array => Buffer.from(text);
const age = (key: string, hours: number): Promise<number> =>
  database.run(ephemeral('UPDATE idempotency_keys SET created_at = created_at - make_interval(hours => $2) WHERE key = $1'), [
    key,
    hours,
  ]);

test('a key is new once, then running, then answered; another request may not use it', async () => {
  const store = createIdempotencyStore(database);
  const ref = { scope: 'a', key: 'life' };
  assert.deepEqual(await store.open(ref, hash('request')), { kind: 'new' });
  const running = await store.open(ref, hash('request'));
  assert.equal(running.kind, 'running');
  const response = { zebra: 1, ant: [{ b: 2, a: 1 }] };
  await store.complete(ref, response);
  const answered = await store.open(ref, hash('request'));
  assert.equal(JSON.stringify(answered), JSON.stringify({ kind: 'answered', response }), 'the fields keep their order');
  assert.deepEqual(await store.open(ref, hash('other')), { kind: 'reused' });
  assert.deepEqual(await store.open({ scope: 'b', key: 'life' }, hash('other')), { kind: 'new' }, 'another scope has other keys');
});

test('of many at once exactly one is the first', async () => {
  const store = createIdempotencyStore(database);
  const states = await Promise.all(Array.from({ length: 20 }, () => store.open({ scope: 'a', key: 'race' }, hash('request'))));
  assert.equal(states.filter(({ kind }) => kind === 'new').length, 1);
  assert.equal(states.filter(({ kind }) => kind === 'running').length, 19);
});

test('a forgotten key is new again, an answered one is not forgotten', async () => {
  const store = createIdempotencyStore(database);
  const ref = { scope: 'a', key: 'forget' };
  await store.open(ref, hash('request'));
  await store.forget(ref);
  assert.deepEqual(await store.open(ref, hash('other')), { kind: 'new' });
  await store.complete(ref, {});
  await store.forget(ref);
  assert.equal((await store.open(ref, hash('other'))).kind, 'answered');
});

test('after 24 hours a key may be used anew, and is deleted', async () => {
  const store = createIdempotencyStore(database);
  for (const key of ['old', 'older', 'fresh']) {
    await store.open({ scope: 'c', key }, hash('request'));
    await store.complete({ scope: 'c', key }, {});
  }
  await age('old', 25);
  await age('older', 26);
  assert.deepEqual(await store.open({ scope: 'c', key: 'old' }, hash('other')), { kind: 'new' });
  assert.equal(await store.deleteExpired(10), 1);
  assert.equal((await store.open({ scope: 'c', key: 'fresh' }, hash('request'))).kind, 'answered');
});
