import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { ephemeral } from '../../adapters/postgres/database.ts';
import { orderWorkflowId } from '../../temporal/contracts/orders.ts';
import { assertBooks } from '../support/books.ts';
import { killWhileWorking } from '../support/killing.ts';
import { startStore, type TestStore } from '../support/store.ts';
import { placed } from './order-commands.ts';

const [ORDERS, MESSAGES, KILLS] = process.env['SOAK'] ? [100, 200, 40] : [4, 60, 4];
const AT_ONCE = 16;
const PATIENCE_MS = 300_000;
const NOTE = 'mutation N($input: OrderNoteAddInput!) { orderNoteAdd(input: $input) { __typename } }';

let store: TestStore;
let connection: Connection;

before(async () => {
  store = await startStore([{ sku: 'MUG', price: 1_000, stock: ORDERS }]);
  connection = await Connection.connect({ address: store.stack.temporal.address });
});

after(async () => {
  await connection.close();
  await store.close();
});

/** What a client does that wants its message through: the same request under the same key until it is answered. */
async function noteUntilAnswered(orderId: string, text: string): Promise<void> {
  const key = randomUUID();
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const response = await fetch(store.api.adminUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${store.stack.adminApiKey}`, 'idempotency-key': key },
      body: JSON.stringify({ query: NOTE, variables: { input: { orderId, text, actor: 'tester' } } }),
      signal: AbortSignal.timeout(60_000),
    }).catch(() => undefined);
    const answer = response && ((await response.json()) as { data?: { orderNoteAdd: { __typename: string } } | null });
    if (answer?.data?.orderNoteAdd.__typename === 'OrderCommandPayload') return;
    if (Date.now() > giveUpAt) throw new Error(`Not answered: ${JSON.stringify(answer)}`);
    await delay(250);
  }
}

test(`${ORDERS} orders with ${MESSAGES} messages each, workers killed: every message is carried out once, over continue-as-new`, async () => {
  const orders = await Promise.all(Array.from({ length: ORDERS }, (_, index) => placed(store, index + 1)));
  const queue = orders.flatMap(({ id }) => Array.from({ length: MESSAGES }, (_, index) => ({ id, text: `message ${index + 1}` }))).sort(() => Math.random() - 0.5);
  const killing = killWhileWorking(store.worker, { kills: KILLS, steps: queue.length });
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        await noteUntilAnswered(next.id, next.text);
        killing.step();
      }
    }),
  ).finally(() => killing.ended());
  assert.equal(await killing.ended(), KILLS);

  const counted = await store.database.rows<{ id: string; notes: number; texts: number; versions: number }>(
    ephemeral(`SELECT order_id AS id, count(*)::int AS notes, count(DISTINCT detail ->> 'text')::int AS texts, count(DISTINCT version)::int AS versions
      FROM order_commands WHERE kind = 'add_note' GROUP BY 1`),
  );
  assert.equal(counted.length, ORDERS);
  for (const { id, ...counts } of counted) assert.deepEqual(counts, { notes: MESSAGES, texts: MESSAGES, versions: MESSAGES }, id);

  const client = new Client({ connection, namespace: store.stack.temporal.namespace });
  for (const { id } of orders) {
    const { raw, runId } = await client.workflow.getHandle(orderWorkflowId(id)).describe();
    assert.notEqual(raw.workflowExecutionInfo?.firstRunId, runId, `${id} has continued as new`);
  }
  await assertBooks(store);
});
