import { parseArgs } from 'node:util';
import { startWebhookEndpoint } from '../emulators/webhooks/server.ts';
import { loadConfig, readEnvFile } from '../platform/config.ts';
import { keptSecrets } from './secrets.ts';

/** A local endpoint for webhooks, with a page that shows them live. It makes itself an endpoint of the store that runs here. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4010' },
    types: { type: 'string', default: '*' },
    forward: { type: 'string' },
    /** Of an endpoint that was made elsewhere: nothing is made then. */
    secret: { type: 'string', multiple: true },
    store: { type: 'string' },
  },
});

readEnvFile();
const config = loadConfig();
const endpoint = await startWebhookEndpoint({
  port: Number(values.port),
  speed: config.webhooks.speed,
  ...(values.secret === undefined ? {} : { secrets: values.secret }),
  ...(values.forward === undefined ? {} : { forwardTo: values.forward }),
});
const api = `${(values.store ?? `http://localhost:${config.http.port}`).replace(/\/+$/, '')}/admin/v1/webhook-endpoints`;
const adminApiKey = config.adminApiKey ?? (await keptSecrets(config.dataDir)).ADMIN_API_KEY;

interface Answer {
  readonly endpoint?: { readonly id: string };
  readonly secret?: string;
  readonly errors?: readonly { readonly message: string }[];
}

async function call(method: string, path: string, body: Readonly<Record<string, unknown>>): Promise<Answer> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminApiKey}` },
    body: JSON.stringify({ ...body, actor: 'emulate:webhooks' }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json()) as Answer;
  if (answer.errors?.[0]) throw new Error(answer.errors[0].message);
  return answer;
}

async function listen(): Promise<string | undefined> {
  if (values.secret !== undefined) return undefined;
  try {
    const made = await call('POST', '', { url: endpoint.inUrl, eventTypes: values.types.split(','), description: 'npm run emulate:webhooks' });
    if (made.secret !== undefined) endpoint.addSecret(made.secret);
    console.log(`The store sends ${values.types} here.`);
    return made.endpoint?.id;
  } catch (error) {
    console.log(`No endpoint was made at ${api}: ${error instanceof Error ? error.message : String(error)}`);
    console.log('Start the store with npm start, or make an endpoint yourself and give its secret with --secret.');
    return undefined;
  }
}

const made = await listen();
console.log(`Watch what comes at ${endpoint.url}${values.forward === undefined ? '' : `; it is sent on to ${values.forward}`}. Ctrl-C ends it.`);

let ending = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    // Nobody will be here any more.
    const left = made === undefined ? Promise.resolve() : call('DELETE', `/${made}`, {}).then(() => undefined);
    void left.catch((error: unknown) => console.error(error)).finally(() => endpoint.close());
  });
}
