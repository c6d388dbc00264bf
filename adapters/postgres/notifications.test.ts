import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStack, type Stack } from '../../tests/support/stack.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { ephemeral, openDatabase, type Database } from './database.ts';
import { createNotifications, type Notifications } from './notifications.ts';

let stack: Stack;
let database: Database;
let notifications: Notifications;

before(async () => {
  stack = await startStack();
  database = openDatabase({ url: stack.databaseUrl, poolSize: 2 });
  notifications = createNotifications({ url: stack.databaseUrl, channel: 'test_changed', applicationName: 'test-listener' });
});

after(async () => {
  await notifications.close();
  await database.close();
  await stack.close();
});

const notify = (payload: string): Promise<number> => database.run(ephemeral("SELECT pg_notify('test_changed', $1)"), [payload]);

/** Counts what a listener of this payload hears. */
function hear(payload: string) {
  const heard = { times: 0, stop: () => {} };
  heard.stop = notifications.listen(payload, () => void (heard.times += 1));
  return heard;
}

const until = (what: string, condition: () => boolean): Promise<unknown> => waitFor(async () => condition(), { what });

test('a listener hears of its own payload only, until it stops', async () => {
  const [one, other] = [hear('one'), hear('other')];
  // The connection listens from now on.
  await until('the connection', () => one.times === 1 && other.times === 1);
  await notify('one');
  await until('the notification', () => one.times === 2);
  assert.equal(other.times, 1);
  one.stop();
  await notify('one');
  await notify('other');
  await until('the later notification', () => other.times === 2);
  assert.equal(one.times, 2);
  other.stop();
});

test('a lost connection is opened again, and whoever waits is told that something may have been missed', async () => {
  const heard = hear('cart');
  const before = heard.times;
  await database.run(ephemeral("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test-listener'"));
  await until('the new connection', () => heard.times > before);
  const since = heard.times;
  await notify('cart');
  await until('the notification', () => heard.times > since);
  heard.stop();
});
