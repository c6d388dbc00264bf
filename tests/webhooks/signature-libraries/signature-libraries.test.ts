import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { z } from 'zod';
import { webhookSigner } from '../../../adapters/http/webhook-signer.ts';

const PYTHON_LIBRARY = 'standardwebhooks==1.1.0';
const TIMEOUT_MS = 120_000;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const verdictsSchema = z.array(z.boolean());

/** Whether a library must take it for genuine. */
interface Case {
  readonly what: string;
  readonly genuine: boolean;
  readonly secret: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

function cases(): Case[] {
  const minute = 60_000;
  const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 0xfb).toString('base64')}`;
  const id = 'evt_01J9ZQ4Y7M3T8K5R2W6X0V1B4C';
  const body = '{"type":"order.placed","data":{"name":"Žofie 🚲","note":"a.b\\n\\u2028"}}';
  const [secret, older, other] = [webhookSigner.newSecret(), webhookSigner.newSecret(), webhookSigner.newSecret()];
  const signed = (secrets: readonly string[], sentBody = body, agoMs = 0): Record<string, string> => ({
    ...webhookSigner.sign({ id, sentAt: new Date(Date.now() - agoMs), body: sentBody }, secrets),
  });
  const headers = signed([secret]);
  return [
    { what: 'as it is', genuine: true, secret, headers, body },
    {
      what: 'spaces and line ends in the body',
      genuine: true,
      secret,
      headers: signed([secret], '{ "a" :\r\n1 }\n'),
      body: '{ "a" :\r\n1 }\n',
    },
    { what: 'rotation: who has the new secret', genuine: true, secret, headers: signed([secret, older]), body },
    { what: 'rotation: who has the old secret', genuine: true, secret: older, headers: signed([secret, older]), body },
    { what: 'four minutes old', genuine: true, secret, headers: signed([secret], body, 4 * minute), body },
    ...[24, 25, 26, 64].map((bytes) => {
      const sized = secretOf(bytes);
      return { what: `a secret of ${bytes} bytes`, genuine: true, secret: sized, headers: signed([sized]), body };
    }),
    { what: 'another secret', genuine: false, secret: other, headers, body },
    { what: 'another body', genuine: false, secret, headers, body: `${body} ` },
    { what: 'another id', genuine: false, secret, headers: { ...headers, 'webhook-id': `${id}x` }, body },
    {
      what: 'another time',
      genuine: false,
      secret,
      headers: { ...headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 100) },
      body,
    },
    { what: 'six minutes old', genuine: false, secret, headers: signed([secret], body, 6 * minute), body },
    { what: 'after the rotation: who has the old secret', genuine: false, secret: older, headers, body },
  ];
}

/** Runs a program to its end and answers what it printed. Rejects when it fails. */
async function run(command: readonly [string, ...string[]], options: { cwd?: string; input?: string } = {}): Promise<string> {
  const [program, ...args] = command;
  const { cwd, input = '' } = options;
  const running = promisify(execFile)(program, args, { cwd, timeout: TIMEOUT_MS, env: { ...process.env, GOTOOLCHAIN: 'local' } });
  running.child.stdin?.on('error', () => {});
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** Why a command cannot be run here; `undefined` when it can. */
const failureOf = (command: readonly [string, ...string[]], options: { cwd?: string } = {}): Promise<string | undefined> =>
  run(command, options).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error)),
  );

function compare(all: readonly Case[], verdicts: readonly boolean[]): void {
  assert.deepEqual(
    all.map(({ what }, index) => ({ what, genuine: verdicts[index] })),
    all.map(({ what, genuine }) => ({ what, genuine })),
  );
}

test('the TypeScript library verifies ours', () => {
  const all = cases();
  const verdicts = all.map(({ secret, headers, body }) => {
    try {
      new Webhook(secret).verify(body, headers, { jsonParse: false });
      return true;
    } catch (error) {
      assert.ok(error instanceof WebhookVerificationError);
      return false;
    }
  });
  compare(all, verdicts);
});

test('the Python library verifies ours', async (t) => {
  if ((await failureOf(['python3', '--version'])) !== undefined) return t.skip('python3 is not installed');
  const environment = here('../../../.cache/webhook-signature-libraries');
  const python = `${environment}/bin/python`;
  if ((await failureOf([python, '-c', 'import standardwebhooks'])) !== undefined) {
    const failure =
      (await failureOf(['python3', '-m', 'venv', environment])) ??
      (await failureOf([python, '-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', PYTHON_LIBRARY]));
    if (failure !== undefined) return t.skip(`${PYTHON_LIBRARY} could not be installed: ${failure}`);
  }
  const all = cases();
  compare(all, verdictsSchema.parse(JSON.parse(await run([python, here('verify.py')], { input: JSON.stringify(all) }))));
});

test('the Go library verifies ours', async (t) => {
  const cwd = here('go');
  if ((await failureOf(['go', 'version'])) !== undefined) return t.skip('go is not installed');
  const failure = await failureOf(['go', 'mod', 'download'], { cwd });
  if (failure !== undefined) return t.skip(`the Go library could not be fetched: ${failure}`);
  const all = cases();
  compare(all, verdictsSchema.parse(JSON.parse(await run(['go', 'run', '.'], { cwd, input: JSON.stringify(all) }))));
});
