import { createHmac, randomBytes } from 'node:crypto';
import { secretOfKey, signatureHeaders, type WebhookSigner } from '../../domain/webhooks/signature.ts';

const SECRET_BYTES = 32;

const hmac = (keyInBase64: string, content: string): string =>
  createHmac('sha256', Buffer.from(keyInBase64, 'base64')).update(content, 'utf8').digest('base64');

export const webhookSigner: WebhookSigner = {
  newSecret: () => secretOfKey(randomBytes(SECRET_BYTES).toString('base64')),
  sign: (message, secrets) => signatureHeaders(message, secrets, hmac),
};
