import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  ADMIN_API_KEY: z.string(),
  STRIPE_WEBHOOK_SECRET: z.string(),
  PAYLOAD_ENCRYPTION_KEYS: z.string(),
  HASH_SECRET: z.string(),
});

/** What a store needs and nobody has set, under the names of the variables that would set it. */
export type Secrets = z.infer<typeof schema>;

/** The store's own secrets, made on its first start and readable by its owner alone. */
export async function keptSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json');
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept !== undefined) return parse(kept, path);
  const secrets: Secrets = {
    ADMIN_API_KEY: `admin_${randomBytes(24).toString('base64url')}`,
    STRIPE_WEBHOOK_SECRET: `whsec_${randomBytes(24).toString('base64url')}`,
    PAYLOAD_ENCRYPTION_KEYS: `local-1:${randomBytes(32).toString('base64')}`,
    HASH_SECRET: randomBytes(32).toString('base64url'),
  };
  await mkdir(dataDir, { recursive: true });
  await writeFile(`${path}.unfinished`, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.unfinished`, path);
  return secrets;
}

function parse(text: string, path: string): Secrets {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Error(`${path} is damaged: restore it, or delete it (running workflows then cannot be read any more)`);
  }
}
