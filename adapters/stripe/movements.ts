import type Stripe from 'stripe';
import type { GatewayMovement, MovementPage } from '../../domain/payments/movement.ts';
import { invalid } from '../../domain/shared/errors.ts';
import { exchange } from './gateway-errors.ts';
import { idOf } from './payment-mapping.ts';
import { fromMetadata } from './payment-reference.ts';

/** Largest page that Stripe gives. */
const PAGE = 100;

/** First the authorizations that are open, then everything that moved money. */
const PHASES = ['authorizations', 'balance'] as const;
type Phase = (typeof PHASES)[number];

/** Unix seconds, `to` excluded. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface ListParams {
  readonly created: Stripe.RangeQueryParam;
  readonly limit: number;
  readonly ending_before?: string;
  readonly starting_after?: string;
}

interface Listed<T> {
  readonly data: T[];
  readonly has_more: boolean;
}

interface Stored {
  readonly id: string;
}

/**
 * The oldest object of a span. Stripe lists newest first and tells no end, so the second in which it was created is looked for
 * by halving the span.
 */
async function oldestIn<T extends Stored>(list: (params: ListParams) => Promise<Listed<T>>, span: Span): Promise<T | undefined> {
  let { from, to } = span;
  const newest = (await list({ created: { gte: from, lt: to }, limit: 1 })).data[0];
  if (!newest) return undefined;
  while (to - from > 1) {
    const middle = from + Math.floor((to - from) / 2);
    const { data } = await list({ created: { gte: from, lt: middle }, limit: 1 });
    if (data.length > 0) to = middle;
    else from = middle;
  }
  let oldest: T | undefined;
  for (let more = true; more;) {
    const page = await list({ created: { gte: from, lt: to }, limit: PAGE, ...(oldest ? { starting_after: oldest.id } : {}) });
    oldest = page.data.at(-1) ?? oldest;
    more = page.has_more;
  }
  return oldest;
}

/**
 * One page of a span, oldest first: what came next after the object `after`. Without one, the newest object before the span is
 * where it begins, or its own oldest when the account has none before.
 */
async function pageOf<T extends Stored>(
  list: (params: ListParams) => Promise<Listed<T>>,
  span: Span,
  after: string | undefined,
): Promise<{ items: T[]; last: string | undefined }> {
  const previous = after ?? (await list({ created: { lt: span.from }, limit: 1 })).data[0]?.id;
  if (previous === undefined) {
    const oldest = await oldestIn(list, span);
    return { items: oldest ? [oldest] : [], last: oldest?.id };
  }
  const page = await list({ created: { gte: span.from, lt: span.to }, limit: PAGE, ending_before: previous });
  return { items: page.data.toReversed(), last: page.has_more ? page.data[0]?.id : undefined };
}

function toAuthorization(intent: Stripe.PaymentIntent): GatewayMovement[] {
  if (intent.status !== 'requires_capture' || intent.amount_capturable === 0) return [];
  const reference = fromMetadata(intent.metadata);
  return [
    {
      id: intent.id,
      kind: 'authorization',
      gatewayRef: intent.id,
      amount: intent.amount_capturable,
      currency: intent.currency.toUpperCase(),
      occurredAt: new Date(intent.created * 1000),
      ...(reference ? { reference } : {}),
    },
  ];
}

type Known = Pick<GatewayMovement, 'id' | 'kind' | 'amount' | 'currency'> & {
  readonly intent: string | { readonly id: string } | null;
  readonly charge: string | { readonly id: string } | null;
  readonly metadata?: Stripe.Metadata | null;
};

/** What the source of a balance transaction says of it; undefined for what is no customer's money, such as fees and payouts. */
function knownOf(transaction: Stripe.BalanceTransaction): Known | undefined {
  const { source, type, amount } = transaction;
  if (typeof source !== 'object' || source === null || !('object' in source)) return undefined;
  switch (source.object) {
    case 'charge': {
      if (type !== 'charge' && type !== 'payment') return undefined;
      const { payment_intent: intent, currency, metadata } = source;
      const known = { kind: 'capture', currency, intent, charge: source, metadata } as const;
      if (currency === transaction.currency) return { ...known, id: transaction.id, amount };
      // One charge may be captured in parts, each with a transaction of its own in the balance's currency. What they come to in the
      // charge's is only known together: one movement, that grows.
      return { ...known, id: `${source.id}/captured`, amount: source.amount_captured };
    }
    case 'refund': {
      const kind = type === 'refund_failure' ? 'refund_failed' : 'refund';
      const { id, currency, payment_intent: intent, charge, metadata } = source;
      return { id, kind, amount: source.amount, currency, intent, charge, metadata };
    }
    case 'dispute': {
      const { id, currency, payment_intent: intent, charge } = source;
      return { id, kind: amount < 0 ? 'dispute' : 'dispute_won', amount: source.amount, currency, intent, charge };
    }
    default:
      return undefined;
  }
}

function toBalanceMovement(transaction: Stripe.BalanceTransaction): GatewayMovement[] {
  const known = knownOf(transaction);
  if (!known) return [];
  const { intent, charge, metadata, currency, ...facts } = known;
  const gatewayRef = idOf(intent);
  const captureRef = idOf(charge);
  const key = metadata?.['key'];
  const reference = fromMetadata(metadata);
  return [
    {
      ...facts,
      currency: currency.toUpperCase(),
      occurredAt: new Date(transaction.created * 1000),
      ...(gatewayRef ? { gatewayRef } : {}),
      ...(captureRef ? { captureRef } : {}),
      ...(key ? { key } : {}),
      ...(reference ? { reference } : {}),
    },
  ];
}

/** `<phase>` or `<phase>:<the id of the last object that was read>`. */
function readCursor(cursor: string | undefined): { phase: Phase; after: string | undefined } {
  const [name, after] = (cursor ?? PHASES[0]).split(':');
  const phase = PHASES.find((known) => known === name);
  if (!phase || after === '') throw invalid('cursor', 'Is no cursor of Stripe’s ledger');
  return { phase, after };
}

/**
 * One page of the account's ledger: open authorizations of the span first, then its balance transactions. The same cursor gives
 * the same page, since it names what was read last and nothing is ever inserted before that.
 */
export async function readMovements(
  stripe: Stripe,
  request: { since: Date; until: Date; cursor?: string },
): Promise<MovementPage> {
  const { phase, after } = readCursor(request.cursor);
  const span = { from: Math.floor(request.since.getTime() / 1000), to: Math.ceil(request.until.getTime() / 1000) };
  return exchange(async () => {
    if (phase === 'authorizations') {
      const { items, last } = await pageOf((params) => stripe.paymentIntents.list(params), span, after);
      return { movements: items.flatMap(toAuthorization), next: last === undefined ? 'balance' : `authorizations:${last}` };
    }
    const list = (params: ListParams): Promise<Listed<Stripe.BalanceTransaction>> =>
      stripe.balanceTransactions.list({ ...params, expand: ['data.source'] });
    const { items, last } = await pageOf(list, span, after);
    return { movements: items.flatMap(toBalanceMovement), ...(last === undefined ? {} : { next: `balance:${last}` }) };
  });
}
