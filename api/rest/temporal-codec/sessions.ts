import { createHmac, timingSafeEqual } from 'node:crypto';

/** Sessions that nobody has to keep: the value is when it ends, signed. */
export interface Sessions {
  issue(): string;
  isOpen(value: string | undefined): boolean;
}

/** `secret` signs; with another one, sessions that were issued before are closed. */
export function createSessions(options: { secret: string; lifetimeSeconds: number; now: () => Date }): Sessions {
  const { secret, lifetimeSeconds, now } = options;
  const seconds = (): number => Math.floor(now().getTime() / 1000);
  const signature = (end: string): Buffer => createHmac('sha256', secret).update(`temporal codec session until ${end}`).digest();
  return {
    issue() {
      const end = String(seconds() + lifetimeSeconds);
      return `${end}.${signature(end).toString('base64url')}`;
    },
    isOpen(value) {
      const [, end, signed] = /^(\d{1,12})\.([\w-]{43})$/.exec(value ?? '') ?? [];
      if (end === undefined || signed === undefined) return false;
      return timingSafeEqual(Buffer.from(signed, 'base64url'), signature(end)) && Number(end) > seconds();
    },
  };
}
