import { z } from 'zod';

const common = {
  STORE_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:4000'),
  ADMIN_API_KEY: z.string().min(8),
  WEBHOOK_SECRETS: z.string().transform((text) => text.split(',').map((secret) => secret.trim())).pipe(z.array(z.string().startsWith('whsec_')).min(1)),
  CONNECTOR_DATA_DIR: z.string().default('.headlesspro/connectors'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4020),
};

/** What both connectors need, and what `more` adds to it, from the environment. Ends the process with a line for each that is wrong. */
export function readSettings<Shape extends z.ZodRawShape>(more: Shape): z.infer<z.ZodObject<typeof common & Shape>> {
  const { success, data, error } = z.object({ ...common, ...more }).safeParse(process.env);
  if (success) return data;
  for (const { path, message } of error.issues) console.error(`${path.join('.')}: ${message}`);
  process.exit(1);
}
