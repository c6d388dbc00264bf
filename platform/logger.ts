import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Fields that carry secrets or personal data, wherever they stand in the first three levels of a log line. */
const PRIVATE_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'clientSecret',
  'client_secret',
  'apiKey',
  'token',
  'cartToken',
  'paymentMethod',
  'email',
  'phone',
  'address',
  'shippingAddress',
  'billingAddress',
  'idempotencyKey',
];

/** The parts of a database error that quote the row's values. */
const ERROR_FIELDS = ['detail', 'where', 'parameters', 'query'];

const redactedPaths = [
  ...PRIVATE_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
  ...['"set-cookie"', '"stripe-signature"', '"x-api-key"', '"idempotency-key"'].flatMap((header) => [
    `headers[${header}]`,
    `*.headers[${header}]`,
  ]),
  ...ERROR_FIELDS.map((field) => `err.${field}`),
];

/**
 * The JSON logger of a process. Narrow it with `logger.child({ requestId })` or `logger.child({ workflowId })`.
 * Field names of `PRIVATE_FIELDS` are replaced by `[private]`; put no such value into a message's text.
 */
export function createLogger(options: { name: string; level: string; destination?: DestinationStream }): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    redact: { paths: redactedPaths, censor: '[private]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
