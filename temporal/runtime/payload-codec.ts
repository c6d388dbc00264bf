import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type DataConverter, type Payload, type PayloadCodec, ValueError } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { PayloadKey } from '../../platform/config.ts';

const ProtoPayload = proto.temporal.api.common.v1.Payload;
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const metadataText = (payload: Payload, name: string): string | undefined => {
  const value = payload.metadata?.[name];
  return value == null ? undefined : new TextDecoder().decode(value);
};

/**
 * Encrypts every payload with AES-256-GCM before Temporal stores it. The first key encrypts; each payload names its key,
 * so that a retired key further down the list still decrypts what it once wrote. Payloads that were never encrypted pass.
 */
export function createPayloadCodec(keys: readonly [PayloadKey, ...PayloadKey[]]): PayloadCodec {
  const [current] = keys;
  const byId = new Map(keys.map((key) => [key.id, key.key]));

  const encrypt = (payload: Payload): Payload => {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, current.key, iv).setAAD(bytes(current.id));
    const sealed = Buffer.concat([cipher.update(ProtoPayload.encode(payload).finish()), cipher.final()]);
    return {
      metadata: { encoding: bytes(ENCODING), [KEY_ID]: bytes(current.id) },
      data: Buffer.concat([iv, sealed, cipher.getAuthTag()]),
    };
  };

  const decrypt = (payload: Payload): Payload => {
    if (metadataText(payload, 'encoding') !== ENCODING) return payload;
    const keyId = metadataText(payload, KEY_ID) ?? '';
    const key = byId.get(keyId);
    if (key === undefined) throw new ValueError(`No payload encryption key is named ${keyId}`);
    const data = payload.data ?? new Uint8Array();
    if (data.length < IV_BYTES + TAG_BYTES) throw new ValueError('An encrypted payload is cut short');
    const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(bytes(keyId))
      .setAuthTag(data.subarray(-TAG_BYTES));
    try {
      const opened = Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      return ProtoPayload.decode(opened);
    } catch {
      throw new ValueError(`A payload encrypted with key ${keyId} was changed, or its key is another`);
    }
  };

  return {
    encode: async (payloads) => payloads.map(encrypt),
    decode: async (payloads) => payloads.map(decrypt),
  };
}

/** What client, worker and replayer share: encryption of payloads and failures, or nothing when there are no keys. */
export function createDataConverter(keys: readonly PayloadKey[]): DataConverter {
  const [current, ...retired] = keys;
  if (current === undefined) return {};
  return {
    failureConverterPath: fileURLToPath(new URL('./failure-converter.ts', import.meta.url)),
    payloadCodecs: [createPayloadCodec([current, ...retired])],
  };
}
