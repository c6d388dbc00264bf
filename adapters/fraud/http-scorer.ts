import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { FraudScorer } from '../../domain/checkout/fraud/fraud-scorer.ts';
import { maskCardNumbers } from '../../domain/shared/card-number.ts';

const MAX_ANSWER_BYTES = 65_536;

const answerSchema = z.object({
  score: z.number().min(0).max(100),
  reasons: z.array(z.string().max(200)).max(10).default([]),
});

/** `t=<seconds since the epoch>,v1=<hex HMAC-SHA-256 of "<t>.<body>">`: the service checks both, and the age. */
export function signature(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** What a service says is shown to operators as one line. */
const oneLine = (text: string): string => maskCardNumbers(text.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim());

/** The body, as long as it is not too long. */
async function read(response: Response): Promise<string> {
  const body: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('The scorer answered too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * A scorer behind HTTP: one signed POST of the facts as JSON, answered by `{ "score": 0…100, "reasons": […] }` within the time-out,
 * which covers all of the exchange. Redirects are not followed: the signed facts go to nobody else.
 */
export function createHttpScorer(options: { url: string; secret: string; timeoutMs: number; now?: () => Date }): FraudScorer {
  const { url, secret, timeoutMs, now = () => new Date() } = options;
  return {
    name: new URL(url).hostname,
    async score(facts) {
      const body = JSON.stringify(facts);
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'headlesspro-signature': signature(secret, Math.floor(now().getTime() / 1000), body),
        },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw new Error(`The scorer answered ${response.status}`);
      }
      const { score, reasons } = answerSchema.parse(JSON.parse(await read(response)));
      return { score, reasons: reasons.map(oneLine).filter((reason) => reason !== '') };
    },
  };
}
