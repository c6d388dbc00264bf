import { pino, type DestinationStream, type Logger } from 'pino';
import { withoutCardNumbers } from '../domain/shared/card-data.ts';
import { containsCardNumber, maskCardNumbers } from '../domain/shared/card-number.ts';

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

/** A line without this has no card number; most end here. JSON writes line breaks and tabs as a backslash and a letter. */
const MAYBE = /(?:\d(?:[\s\-._+]|\\[nrt]){0,3}){14}|[^\0-\x7f]|%[0-9A-Fa-f]{2}|\\u/;

/** Masks every card number in a line, wherever it stands: fields, messages, stack traces. The line stays JSON. */
export function withoutCardNumbersInLine(line: string): string {
  if (!MAYBE.test(line) || !containsCardNumber(line.replace(/\\[nrt]/g, ' '))) return line;
  try {
    return `${JSON.stringify(withoutCardNumbers(JSON.parse(line)))}\n`;
  } catch {
    return maskCardNumbers(line);
  }
}

/**
 * The JSON logger of a process. Narrow it with `logger.child({ requestId })` or `logger.child({ workflowId })`.
 * Fields named in `PRIVATE_FIELDS` are replaced by `[private]`, card numbers anywhere are masked; put no other private value
 * into a message's text.
 */
export function createLogger(options: { name: string; level: string; destination?: DestinationStream }): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    redact: { paths: redactedPaths, censor: '[private]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: withoutCardNumbersInLine },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
