import { withoutCardNumbers } from '../domain/shared/card-data.ts';
import { maskCardNumbers } from '../domain/shared/card-number.ts';
import type { PaymentGateway } from '../domain/payments/gateway.ts';

/** Fields that hold what a gateway made up itself, and that it must be given back as it is. */
const isOpaque = (field: string): boolean => /^(?:id|key|next|token|url|clientSecret|fingerprint|[a-z]*ref)$/i.test(field);

/** Masks what an error and its causes say: all of it ends in histories and logs. */
function maskError(error: unknown): void {
  for (let at = error; at instanceof Error; at = at.cause) {
    at.message = maskCardNumbers(at.message);
    if (at.stack !== undefined) at.stack = maskCardNumbers(at.stack);
  }
}

function masked<Port extends object>(port: Port): Port {
  const call = async (method: CallableFunction, args: unknown[]): Promise<unknown> => {
    try {
      return withoutCardNumbers(await Reflect.apply(method, port, args), isOpaque);
    } catch (error) {
      maskError(error);
      throw error;
    }
  };
  return new Proxy(port, {
    get(_, name) {
      const member: unknown = Reflect.get(port, name);
      if (typeof member === 'function') return (...args: unknown[]) => call(member, args);
      return typeof member === 'object' && member !== null ? masked(member) : member;
    },
  });
}

/**
 * The gateway, with every card number masked in what it tells us: messages of declines, reasons, references, errors. So an
 * adapter cannot forget it.
 */
export const maskedGateway = (gateway: PaymentGateway): PaymentGateway => masked(gateway);
