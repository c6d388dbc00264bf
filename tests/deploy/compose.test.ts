import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { environment } from '../../platform/config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const composeFile = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');

/** How this machine calls Compose: as Docker's plugin, as a program of its own, or not at all. */
function compose(): readonly [string, ...string[]] | undefined {
  for (const command of [['docker', 'compose'], ['docker-compose']] as const) {
    try {
      const [program, ...args] = command;
      execFileSync(program, [...args, 'version'], { stdio: 'ignore', timeout: 10_000 });
      return command;
    } catch {
      // The next one may be there.
    }
  }
  return undefined;
}

const service = z.object({
  image: z.string().optional(),
  command: z.array(z.string()).nullish(),
  environment: z.record(z.string(), z.string().nullable()).optional(),
});
const model = z.object({ services: z.record(z.string(), service) });

test('docker compose accepts the file as it is, without any setting', async (t) => {
  const command = compose();
  if (command === undefined) return t.skip('neither docker compose nor docker-compose is installed');
  const [program, ...args] = command;
  const { stdout } = await promisify(execFile)(program, [...args, '--profile', 'emulator', 'config', '--format', 'json'], {
    cwd: root,
    timeout: 30_000,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
  });
  const { services } = model.parse(JSON.parse(stdout));
  assert.deepEqual(Object.keys(services).sort(), [
    'api',
    'elasticsearch',
    'migrate',
    'paypal-emulator',
    'postgres',
    'redis',
    'shipping-emulator',
    'stripe-emulator',
    'temporal',
    'temporal-ui',
    'worker',
  ]);
  for (const role of ['api', 'worker', 'migrate', 'stripe-emulator', 'paypal-emulator', 'shipping-emulator']) {
    // The emulators read settings of their own.
    const unknown = Object.keys(services[role]?.environment ?? {}).filter(
      (name) => !(name in environment) && !/^(STRIPE|PAYPAL|SHIPPING)_EMULATOR_/.test(name),
    );
    assert.deepEqual(unknown, [], `${role} is given variables that the server does not read`);
    assert.deepEqual(services[role]?.command, [role]);
  }
});

test('every image has a version, and no port is open to the network', () => {
  const images = [...composeFile.matchAll(/^ {4}image: (\S+)$/gm)].map((match) => match[1] ?? '');
  assert.equal(images.length, 5);
  for (const image of images) assert.match(image, /:\d+\.\d+(\.\d+)?$/, image);
  const published = [...composeFile.matchAll(/^ {4}ports: \['(.+)'\]$/gm)].map((match) => match[1] ?? '');
  assert.equal(published.length, 6);
  for (const port of published) assert.ok(port.startsWith('127.0.0.1:'), port);
});

test('the image knows every role that is asked of it', () => {
  const entrypoint = readFileSync(new URL('../../deploy/entrypoint.sh', import.meta.url), 'utf8');
  const roles = [...composeFile.matchAll(/^ {4}command: \[(api|worker|migrate|stripe-emulator|paypal-emulator|shipping-emulator)\]$/gm)].map(
    (match) => match[1] ?? '',
  );
  assert.equal(roles.length, 6);
  for (const role of roles) assert.match(entrypoint, new RegExp(`^  ${role}\\) exec node \\S+\\.ts ;;$`, 'm'));
});
