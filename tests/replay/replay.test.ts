import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { workflowBundle } from '../../workers/workflow-bundle.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Every recorded history: `<workflow>/<release>-<scenario>.json`. */
const recorded = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((folder) => readdirSync(join(root, folder.name)).map((file) => ({ workflow: folder.name, file, path: join(root, folder.name, file) })));

const history = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

test('there are histories of every workflow with messages, and of those that keep search up to date', () => {
  const workflows = new Set(recorded.map((entry) => entry.workflow));
  assert.deepEqual([...workflows].sort(), ['checkout', 'collection', 'delivery', 'dispute', 'fulfillment', 'incident', 'learnSearchWeights', 'order', 'orderReturn', 'reconcileGateway', 'refund', 'reindex', 'searchUpkeep']);
});

test('of what continued as new there is the run that did so, beside the one that ended', () => {
  const lastEvent = ({ path }: (typeof recorded)[number]): unknown => (history(path) as { events: { eventType: string }[] }).events.at(-1)?.eventType;
  const first = recorded.filter(({ file }) => file.endsWith('-first.json'));
  assert.deepEqual([...new Set(first.map(({ workflow }) => workflow))].sort(), ['order', 'reindex']);
  for (const entry of first) {
    assert.equal(lastEvent(entry), 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW', entry.file);
    const last = recorded.find(({ workflow, file }) => workflow === entry.workflow && file === entry.file.replace('-first', ''));
    assert.equal(last && lastEvent(last), 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', entry.file);
  }
});

test('what ran before still runs the same', async (context) => {
  const bundle = await workflowBundle(undefined, { traced: false });
  for (const { workflow, file, path } of recorded) {
    await context.test(`${workflow}: ${file}`, () => Worker.runReplayHistory({ workflowBundle: bundle }, history(path)));
  }
});

test('a change that would break running workflows fails the replay', async () => {
  const workflowsPath = fileURLToPath(new URL('./incompatible.workflow.ts', import.meta.url));
  const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const bundle = await bundleWorkflowCode({ workflowsPath, logger: quiet });
  const [checkout] = recorded.filter((entry) => entry.workflow === 'checkout');
  assert.ok(checkout);
  await assert.rejects(Worker.runReplayHistory({ workflowBundle: bundle }, history(checkout.path)), { name: 'DeterminismViolationError' });
});
