import { createSign, createVerify, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { WebhookEndpoint } from '../shared/webhook-sender.ts';

const ALGORITHM = 'SHA256withRSA';

/** What PayPal signs: the id and time of the transmission, the webhook's id, and a checksum of the body as it is sent. */
const signedText = (id: string, time: string, webhookId: string, payload: string): string => `${id}|${time}|${webhookId}|${crc32(payload)}`;

/** The account's key. Its public half is served as it is where PayPal serves a certificate. */
export class WebhookSignatures {
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #certUrl: () => string;

  constructor(certUrl: () => string) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#private = privateKey;
    this.#public = publicKey;
    this.#certUrl = certUrl;
  }

  get publicKey(): string {
    return this.#public.export({ type: 'spki', format: 'pem' }).toString();
  }

  /** The headers of a delivery; `secret` is the webhook's id. */
  headersOf(payload: string, { secret: webhookId }: WebhookEndpoint): Record<string, string> {
    const id = randomUUID();
    const time = new Date().toISOString();
    const signature = createSign('RSA-SHA256').update(signedText(id, time, webhookId, payload)).sign(this.#private, 'base64');
    return {
      'paypal-auth-algo': ALGORITHM,
      'paypal-cert-url': this.#certUrl(),
      'paypal-transmission-id': id,
      'paypal-transmission-sig': signature,
      'paypal-transmission-time': time,
      'user-agent': 'PayPal/AUHD-1.0 (emulator)',
    };
  }

  /** `POST /v1/notifications/verify-webhook-signature`. The event is taken as it stands in the request, byte for byte. */
  verify(body: Readonly<Record<string, unknown>>, text: string): { verification_status: 'SUCCESS' | 'FAILURE' } {
    const marker = '"webhook_event":';
    const payload = text.slice(text.indexOf(marker) + marker.length, text.lastIndexOf('}')).trim();
    const part = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
    const signed = signedText(part('transmission_id'), part('transmission_time'), part('webhook_id'), payload);
    const holds = part('auth_algo') === ALGORITHM && createVerify('RSA-SHA256').update(signed).verify(this.#public, part('transmission_sig'), 'base64');
    return { verification_status: holds ? 'SUCCESS' : 'FAILURE' };
  }
}
