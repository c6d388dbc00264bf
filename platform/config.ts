import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadEnvFile } from 'node:process';
import { z } from 'zod';

/** A key of the payload codec. */
export interface PayloadKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** Bad settings: one line that names each variable at fault and never shows a value. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

const text = z.string();
const secret = (atLeast: number) => z.string().min(atLeast, `must have at least ${atLeast} characters`);
const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);
const port = wholeNumber(0, 65_535);
const flag = z
  .string()
  .toLowerCase()
  .refine((value) => ['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off'].includes(value), 'must be true or false')
  .transform((value) => ['1', 'true', 'yes', 'on'].includes(value));
const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );
const hostAndPort = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):\d{1,5}$/, 'must read host:port');
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

const PAYLOAD_KEY = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/_-]{43}=?)$/;
const payloadKeys = list.transform((parts, context): PayloadKey[] => {
  const keys: PayloadKey[] = [];
  for (const part of parts) {
    const [, id, encoded] = PAYLOAD_KEY.exec(part) ?? [];
    if (id === undefined || encoded === undefined) {
      context.addIssue({ code: 'custom', message: 'must read keyId:base64 of 32 bytes, several separated by commas' });
      return z.NEVER;
    }
    if (keys.some((key) => key.id === id)) {
      context.addIssue({ code: 'custom', message: 'names a key id twice' });
      return z.NEVER;
    }
    keys.push({ id, key: Buffer.from(encoded, 'base64') });
  }
  return keys;
});

/** Every variable that the server reads; `.env.example` explains each. */
export const environment = {
  PORT: port.default(4000),
  HOST: text.default('127.0.0.1'),
  PUBLIC_URL: url('http:', 'https:').optional(),
  TRUST_PROXY: wholeNumber(0, 10).default(0),
  DATA_DIR: text.default('.headlesspro'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  DATABASE_POOL_SIZE: wholeNumber(1, 500).default(16),
  POSTGRES_PORT: port.optional(),
  TEMPORAL_ADDRESS: hostAndPort.optional(),
  TEMPORAL_NAMESPACE: text.default('default'),
  TEMPORAL_API_KEY: secret(1).optional(),
  TEMPORAL_TLS: flag.optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: text.optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: text.optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: text.optional(),
  TEMPORAL_TLS_SERVER_NAME: text.optional(),
  TEMPORAL_PORT: port.optional(),
  TEMPORAL_UI_PORT: port.optional(),
  TEMPORAL_UI_URL: url('http:', 'https:').optional(),
  TEMPORAL_IN_MEMORY: flag.default(false),
  PAYLOAD_ENCRYPTION_KEYS: payloadKeys.default([]),
  STRIPE_API_KEY: secret(8).optional(),
  STRIPE_WEBHOOK_SECRET: secret(8).optional(),
  STRIPE_BASE_URL: url('http:', 'https:').optional(),
  STRIPE_EMULATOR_PORT: port.optional(),
  STRIPE_TIMEOUT_MS: wholeNumber(100, 120_000).default(10_000),
  FRAUD_SCORER_URL: url('http:', 'https:').optional(),
  FRAUD_SCORER_SECRET: secret(16).optional(),
  FRAUD_SCORER_TIMEOUT_MS: wholeNumber(50, 3_000).default(800),
  FRAUD_SCORER_ON_FAILURE: z.enum(['ignore', 'review'], 'must be ignore or review').default('ignore'),
  FRAUD_MODEL_FILE: text.optional(),
  PAYPAL_CLIENT_ID: secret(8).optional(),
  PAYPAL_CLIENT_SECRET: secret(8).optional(),
  PAYPAL_WEBHOOK_ID: secret(4).optional(),
  PAYPAL_BASE_URL: url('http:', 'https:').optional(),
  PAYPAL_EMULATOR_PORT: port.optional(),
  PAYPAL_TIMEOUT_MS: wholeNumber(100, 120_000).default(15_000),
  SHIPPING_CARRIER_URL: url('http:', 'https:').optional(),
  SHIPPING_CARRIER_KEY: secret(8).optional(),
  SHIPPING_CARRIER_WEBHOOK_SECRET: secret(16).optional(),
  SHIPPING_3PL_URL: url('http:', 'https:').optional(),
  SHIPPING_3PL_KEY: secret(8).optional(),
  SHIPPING_3PL_WEBHOOK_SECRET: secret(16).optional(),
  SHIPPING_EMULATOR_PORT: port.optional(),
  SHIPPING_TIMEOUT_MS: wholeNumber(100, 12_000).default(8_000),
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  SMTP_TLS: flag.default(true),
  SMTP_TIMEOUT_MS: wholeNumber(100, 30_000).default(10_000),
  MAIL_FROM: z.string().regex(/^[^\s<>@"'(),;:]+@[a-zA-Z0-9.-]+$/, 'must be an address such as shop@example.com').optional(),
  MAIL_FOLDER: text.optional(),
  MAIL_PREVIEW: flag.optional(),
  RECONCILIATION_INTERVAL_SECONDS: wholeNumber(10, 86_400).default(900),
  RECONCILIATION_OVERLAP_MINUTES: wholeNumber(0, 10_080).default(240),
  RECONCILIATION_SETTLE_SECONDS: wholeNumber(0, 3_600).default(60),
  ANALYTICS_INTERVAL_SECONDS: wholeNumber(10, 86_400).default(300),
  BALANCE_EXPIRES_SECONDS: wholeNumber(1, 7_776_000).default(604_800),
  ELASTICSEARCH_URL: z.url({ protocol: /^https?$/ }).optional(),
  ELASTICSEARCH_API_KEY: secret(8).optional(),
  ELASTICSEARCH_PREFIX: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/).default('headlesspro-'),
  ELASTICSEARCH_TIMEOUT_MS: wholeNumber(50, 30_000).default(1_000),
  SEARCH_UPKEEP_INTERVAL_SECONDS: wholeNumber(10, 86_400).default(900),
  SEARCH_LOG_DAYS: wholeNumber(1, 730).default(90),
  EMBEDDINGS: z.enum(['local', 'openai', 'hash', 'none']).default('local'),
  EMBEDDING_MODEL_FILE: text.optional(),
  EMBEDDING_TIMEOUT_MS: wholeNumber(50, 60_000).default(2_000),
  EMBEDDING_MODEL: text.default('text-embedding-3-small'),
  EMBEDDING_DIMENSIONS: wholeNumber(8, 4_096).default(512),
  EMBEDDING_MULTILINGUAL: flag.default(false),
  OPENAI_BASE_URL: z.url({ protocol: /^https?$/ }).default('https://api.openai.com/v1'),
  OPENAI_API_KEY: secret(8).optional(),
  SEARCH_LEAST_SIMILARITY: z.coerce.number().min(0).max(1).default(0.25),
  SEARCH_LANGUAGE: z.string().regex(/^[a-z]{2,20}$/).default('english'),
  WEBHOOK_ALLOWED_NETWORKS: list.default([]),
  WEBHOOK_ALLOW_HTTP: flag.default(false),
  WEBHOOK_SPEED: wholeNumber(1, 100_000).default(1),
  WEBHOOK_LOG_DAYS: wholeNumber(7, 3_650).default(30),
  WEBHOOK_SENDS_AT_ONCE: wholeNumber(1, 1_000).default(64),
  ADMIN_API_KEY: secret(16).optional(),
  HASH_SECRET: secret(16).optional(),
  WORKER_METRICS_PORT: port.optional(),
  WORKER_METRICS_HOST: text.default('127.0.0.1'),
  WORKER_TASK_QUEUES: list.default([]),
  ORDER_ACTORS_PER_SECOND: wholeNumber(1, 1_000).default(5),
  WORKFLOW_BUNDLE: text.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http:', 'https:').optional(),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info'),
  GRAPHQL_MAX_DEPTH: wholeNumber(1, 100).default(12),
  GRAPHQL_MAX_COST: wholeNumber(1, 1_000_000).default(10_000),
  GRAPHQL_INTROSPECTION: flag.default(true),
  SHUTDOWN_TIMEOUT_MS: wholeNumber(100, 600_000).default(15_000),
};

export type VariableName = keyof typeof environment;

const schema = z.object(environment);

/** Which texts become vectors by what; `none`: search knows words alone. */
export type EmbeddingConfig =
  | { readonly kind: 'none' | 'hash' }
  /** Without a file the model is fetched once. */
  | { readonly kind: 'local'; readonly modelFile: string | undefined; readonly timeoutMs: number }
  | { readonly kind: 'openai'; readonly baseUrl: string; readonly apiKey: string | undefined; readonly model: string; readonly dimensions: number; readonly timeoutMs: number };

/** The settings of every process: API, worker, migration and start. */
export interface Config {
  /** Names of the variables that were set; a port that was not may be replaced by a free one. */
  readonly given: ReadonlySet<VariableName>;
  readonly http: {
    readonly port: number;
    readonly host: string;
    /** How many reverse proxies stand in front, for the client's address. */
    readonly trustProxy: number;
    /** What browsers call this API, without a slash at the end. */
    readonly publicUrl: string;
  };
  /** Absolute. */
  readonly dataDir: string;
  readonly postgres: { readonly url: string | undefined; readonly port: number; readonly poolSize: number };
  readonly temporal: {
    readonly address: string | undefined;
    readonly namespace: string;
    readonly apiKey: string | undefined;
    readonly tls: TemporalTls | undefined;
    readonly port: number;
    readonly uiPort: number;
    readonly uiUrl: string;
    readonly inMemory: boolean;
  };
  /** The first encrypts, all decrypt; empty: payloads are stored as they are. */
  readonly payloadKeys: readonly PayloadKey[];
  readonly stripe: {
    readonly apiKey: string | undefined;
    readonly webhookSecret: string | undefined;
    readonly baseUrl: string | undefined;
    readonly emulatorPort: number;
    readonly timeoutMs: number;
  };
  /** A service, or a model in a file; neither: the store has no scorer. */
  readonly fraudScorer: {
    readonly url: string | undefined;
    readonly secret: string | undefined;
    readonly timeoutMs: number;
    readonly onFailure: 'ignore' | 'review';
    /** Absolute. */
    readonly modelFile: string | undefined;
  };
  readonly paypal: {
    readonly clientId: string | undefined;
    readonly clientSecret: string | undefined;
    readonly webhookId: string | undefined;
    readonly baseUrl: string | undefined;
    readonly emulatorPort: number;
    readonly timeoutMs: number;
  };
  /** Who carries and packs for the store; a side without a URL is not offered. */
  readonly shipping: {
    readonly carrier: ShippingApi;
    readonly logistics: ShippingApi;
    readonly emulatorPort: number;
    readonly timeoutMs: number;
  };
  /** How mails leave the house. */
  readonly mail: {
    /** Without one mails are put into the folder. */
    readonly smtpUrl: string | undefined;
    readonly smtpTls: boolean;
    /** Of each wait for the mail server. */
    readonly timeoutMs: number;
    readonly from: string;
    /** Absolute. */
    readonly folder: string;
    /** Whether the API shows what is in the folder, to everybody who can reach it. */
    readonly preview: boolean;
  };
  readonly reconciliation: {
    readonly intervalSeconds: number;
    /** How long a gateway's ledger may be silent of a movement: so far back every run looks again. */
    readonly overlapMinutes: number;
    /** What is younger is left to those who are working on it. */
    readonly settleSeconds: number;
  };
  /** For which the link to pay what is left of a changed order is good. */
  readonly balanceExpiresSeconds: number;
  /** How often the figures are brought up to date. */
  readonly analyticsIntervalSeconds: number;
  readonly search: {
    /** In which words are reduced to their stems: a text search configuration of Postgres, an analyzer of Elasticsearch. */
    readonly language: string;
    readonly embeddings: EmbeddingConfig;
    /** Whether the embedder knows other languages than the catalog's. */
    readonly multilingual: boolean;
    /** How often figures, signals and recommendations are brought up to date. */
    readonly upkeepIntervalSeconds: number;
    /** For so long single searches and shoppers' events are kept. */
    readonly logDays: number;
    /** Cosine, 0 to 1, below which a product means something else than a query. */
    readonly leastSimilarity: number;
    /** Without a URL Postgres searches. */
    readonly elasticsearch: { readonly url: string | undefined; readonly apiKey: string | undefined; readonly prefix: string; readonly timeoutMs: number };
  };
  readonly webhooks: {
    /** Networks (CIDR) beside the public internet that endpoints may be in. */
    readonly allowedNetworks: readonly string[];
    /** Whether endpoints may be without TLS. */
    readonly allowHttp: boolean;
    /** By one worker process. */
    readonly sendsAtOnce: number;
    /** For so long deliveries that have ended are kept. */
    readonly logDays: number;
    /** How much faster the waits between tries pass: 1, but on a developer's machine. */
    readonly speed: number;
  };
  readonly adminApiKey: string | undefined;
  /** Keys the hashes that stand for personal data in velocity counts and workflow inputs. */
  readonly hashSecret: string | undefined;
  readonly worker: {
    readonly metricsPort: number;
    readonly metricsHost: string;
    /** Empty: all of them. */
    readonly taskQueues: readonly string[];
    /** How many orders that need nothing yet get their actor in a second; a command starts it at once. */
    readonly orderActorsPerSecond: number;
    /** A bundle built by `npm run build:workflows`; without one the worker bundles at its start. */
    readonly workflowBundle: string | undefined;
  };
  readonly otlpEndpoint: string | undefined;
  readonly logLevel: z.infer<typeof schema>['LOG_LEVEL'];
  readonly graphql: { readonly maxDepth: number; readonly maxCost: number; readonly introspection: boolean };
  readonly shutdownTimeoutMs: number;
}

/** The API of a carrier or of a third-party warehouse. */
export interface ShippingApi {
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  readonly webhookSecret: string | undefined;
}

/** Paths of PEM files; an empty object means TLS with the system's authorities. */
export interface TemporalTls {
  readonly clientCertPath?: string;
  readonly clientKeyPath?: string;
  readonly serverCaPath?: string;
  readonly serverName?: string;
}

type Environment = z.infer<typeof schema>;

/** Reads `.env` of the working directory, when there is one, into `process.env`; what is already set wins. */
export function readEnvFile(path = '.env'): void {
  if (existsSync(path)) loadEnvFile(path);
}

/** Parses the environment. An empty variable counts as unset. Throws `ConfigError`. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.keys(environment).filter((name) => (env[name] ?? '').trim() !== '');
  const parsed = schema.safeParse(Object.fromEntries(given.map((name) => [name, env[name]?.trim()])));
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '));
  }
  return toConfig(parsed.data, new Set(given.filter((name) => name in environment) as VariableName[]));
}

function toConfig(values: Environment, given: ReadonlySet<VariableName>): Config {
  // The ports of one store stand in a row, so that a second store needs only another PORT and DATA_DIR.
  const beside = (offset: number): number => (values.PORT === 0 ? 0 : Math.min(values.PORT + offset, 65_535));
  const uiPort = values.TEMPORAL_UI_PORT ?? beside(3);
  return {
    given,
    http: {
      port: values.PORT,
      host: values.HOST,
      trustProxy: values.TRUST_PROXY,
      publicUrl: (values.PUBLIC_URL ?? `http://localhost:${values.PORT}`).replace(/\/+$/, ''),
    },
    dataDir: resolve(values.DATA_DIR),
    postgres: { url: values.DATABASE_URL, port: values.POSTGRES_PORT ?? beside(1), poolSize: values.DATABASE_POOL_SIZE },
    temporal: {
      address: values.TEMPORAL_ADDRESS,
      namespace: values.TEMPORAL_NAMESPACE,
      apiKey: values.TEMPORAL_API_KEY,
      tls: temporalTls(values),
      port: values.TEMPORAL_PORT ?? beside(2),
      uiPort,
      uiUrl: (values.TEMPORAL_UI_URL ?? `http://localhost:${uiPort}`).replace(/\/+$/, ''),
      inMemory: values.TEMPORAL_IN_MEMORY,
    },
    payloadKeys: values.PAYLOAD_ENCRYPTION_KEYS,
    stripe: {
      apiKey: values.STRIPE_API_KEY,
      webhookSecret: values.STRIPE_WEBHOOK_SECRET,
      baseUrl: values.STRIPE_BASE_URL,
      emulatorPort: values.STRIPE_EMULATOR_PORT ?? beside(4),
      timeoutMs: values.STRIPE_TIMEOUT_MS,
    },
    fraudScorer: {
      url: values.FRAUD_SCORER_URL,
      secret: values.FRAUD_SCORER_SECRET,
      timeoutMs: values.FRAUD_SCORER_TIMEOUT_MS,
      onFailure: values.FRAUD_SCORER_ON_FAILURE,
      modelFile: values.FRAUD_MODEL_FILE === undefined ? undefined : resolve(values.FRAUD_MODEL_FILE),
    },
    paypal: {
      clientId: values.PAYPAL_CLIENT_ID,
      clientSecret: values.PAYPAL_CLIENT_SECRET,
      webhookId: values.PAYPAL_WEBHOOK_ID,
      baseUrl: values.PAYPAL_BASE_URL,
      emulatorPort: values.PAYPAL_EMULATOR_PORT ?? beside(6),
      timeoutMs: values.PAYPAL_TIMEOUT_MS,
    },
    shipping: {
      carrier: { url: values.SHIPPING_CARRIER_URL, apiKey: values.SHIPPING_CARRIER_KEY, webhookSecret: values.SHIPPING_CARRIER_WEBHOOK_SECRET },
      logistics: { url: values.SHIPPING_3PL_URL, apiKey: values.SHIPPING_3PL_KEY, webhookSecret: values.SHIPPING_3PL_WEBHOOK_SECRET },
      emulatorPort: values.SHIPPING_EMULATOR_PORT ?? beside(7),
      timeoutMs: values.SHIPPING_TIMEOUT_MS,
    },
    mail: mail(values),
    reconciliation: {
      intervalSeconds: values.RECONCILIATION_INTERVAL_SECONDS,
      overlapMinutes: values.RECONCILIATION_OVERLAP_MINUTES,
      settleSeconds: values.RECONCILIATION_SETTLE_SECONDS,
    },
    balanceExpiresSeconds: values.BALANCE_EXPIRES_SECONDS,
    analyticsIntervalSeconds: values.ANALYTICS_INTERVAL_SECONDS,
    search: {
      language: values.SEARCH_LANGUAGE,
      embeddings: embeddings(values),
      multilingual: values.EMBEDDING_MULTILINGUAL,
      upkeepIntervalSeconds: values.SEARCH_UPKEEP_INTERVAL_SECONDS,
      logDays: values.SEARCH_LOG_DAYS,
      leastSimilarity: values.SEARCH_LEAST_SIMILARITY,
      elasticsearch: { url: values.ELASTICSEARCH_URL, apiKey: values.ELASTICSEARCH_API_KEY, prefix: values.ELASTICSEARCH_PREFIX, timeoutMs: values.ELASTICSEARCH_TIMEOUT_MS },
    },
    webhooks: { allowedNetworks: values.WEBHOOK_ALLOWED_NETWORKS, allowHttp: values.WEBHOOK_ALLOW_HTTP, sendsAtOnce: values.WEBHOOK_SENDS_AT_ONCE, logDays: values.WEBHOOK_LOG_DAYS, speed: values.WEBHOOK_SPEED },
    adminApiKey: values.ADMIN_API_KEY,
    hashSecret: values.HASH_SECRET,
    worker: {
      metricsPort: values.WORKER_METRICS_PORT ?? beside(5),
      metricsHost: values.WORKER_METRICS_HOST,
      taskQueues: values.WORKER_TASK_QUEUES,
      orderActorsPerSecond: values.ORDER_ACTORS_PER_SECOND,
      workflowBundle: values.WORKFLOW_BUNDLE === undefined ? undefined : resolve(values.WORKFLOW_BUNDLE),
    },
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    logLevel: values.LOG_LEVEL,
    graphql: {
      maxDepth: values.GRAPHQL_MAX_DEPTH,
      maxCost: values.GRAPHQL_MAX_COST,
      introspection: values.GRAPHQL_INTROSPECTION,
    },
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_MS,
  };
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

function embeddings(values: Environment): EmbeddingConfig {
  const { EMBEDDINGS: kind, EMBEDDING_MODEL_FILE: modelFile, EMBEDDING_TIMEOUT_MS: timeoutMs, OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl } = values;
  if (kind === 'local') return { kind, modelFile, timeoutMs };
  if (kind !== 'openai') return { kind };
  return { kind, baseUrl, apiKey, model: values.EMBEDDING_MODEL, dimensions: values.EMBEDDING_DIMENSIONS, timeoutMs };
}

function mail(values: Environment): Config['mail'] {
  const { SMTP_URL: smtpUrl, SMTP_TLS: smtpTls, MAIL_FROM: from } = values;
  if (smtpUrl !== undefined && from === undefined) throw new ConfigError('MAIL_FROM must be set when SMTP_URL is');
  if (smtpUrl !== undefined && !smtpTls && new URL(smtpUrl).username !== '') throw new ConfigError('SMTP_TLS must be true when SMTP_URL has a password');
  return {
    smtpUrl,
    smtpTls,
    timeoutMs: values.SMTP_TIMEOUT_MS,
    from: from ?? 'shop@shop.example',
    folder: resolve(values.MAIL_FOLDER ?? join(values.DATA_DIR, 'mails')),
    // Mails are personal: without being told, they are shown on the developer's own machine only.
    preview: smtpUrl === undefined && (values.MAIL_PREVIEW ?? (LOOPBACK.includes(values.HOST) && values.TRUST_PROXY === 0)),
  };
}

/** An API key or a certificate implies TLS unless `TEMPORAL_TLS` says otherwise. */
function temporalTls(values: Environment): TemporalTls | undefined {
  const { TEMPORAL_TLS_CLIENT_CERT_PATH: clientCertPath, TEMPORAL_TLS_CLIENT_KEY_PATH: clientKeyPath } = values;
  const { TEMPORAL_TLS_SERVER_CA_CERT_PATH: serverCaPath, TEMPORAL_TLS_SERVER_NAME: serverName } = values;
  if ((clientCertPath === undefined) !== (clientKeyPath === undefined)) {
    throw new ConfigError('TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH must be set together');
  }
  const implied = [values.TEMPORAL_API_KEY, clientCertPath, serverCaPath, serverName].some((value) => value !== undefined);
  if (!(values.TEMPORAL_TLS ?? implied)) return undefined;
  return {
    ...(clientCertPath !== undefined && { clientCertPath }),
    ...(clientKeyPath !== undefined && { clientKeyPath }),
    ...(serverCaPath !== undefined && { serverCaPath }),
    ...(serverName !== undefined && { serverName }),
  };
}
