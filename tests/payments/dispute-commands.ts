import type { TestStore } from '../support/store.ts';
import { waitFor } from '../support/wait-for.ts';
import type { AdminOrder } from './commands.ts';

/** A dispute as the admin API shows it. */
export interface AdminDispute {
  readonly id: string;
  readonly gatewayRef: string;
  readonly orderId: string | null;
  readonly status: string;
  readonly reason: string;
  readonly amount: { readonly amount: number; readonly currency: string };
  readonly evidenceDueAt: string | null;
  readonly response: string | null;
  readonly responseActor: string | null;
  readonly respondedAt: string | null;
  readonly closedAt: string | null;
  readonly workflowId: string;
}

/** What a command on a dispute answers: a member of its union. */
export interface DisputeAnswer {
  readonly __typename: string;
  readonly dispute?: AdminDispute;
  readonly code?: string;
  readonly field?: string;
}

const DISPUTE = `id gatewayRef orderId status reason amount { amount currency } evidenceDueAt response responseActor respondedAt closedAt
  workflowId`;
const ANSWER = `__typename ... on DisputePayload { dispute { ${DISPUTE} } } ... on InputError { code field }`;
const COMMANDS = {
  respond: `mutation C($input: DisputeRespondInput!) { answer: disputeRespond(input: $input) { ${ANSWER} } }`,
  accept: `mutation C($input: DisputeAcceptInput!) { answer: disputeAccept(input: $input) { ${ANSWER} } }`,
} as const;

/** Answers a dispute as an operator; `actor` is filled in. */
export async function answerDispute(
  store: TestStore,
  name: keyof typeof COMMANDS,
  input: Readonly<Record<string, unknown>>,
): Promise<DisputeAnswer> {
  const { answer } = await store.admin<{ answer: DisputeAnswer }>(COMMANDS[name], { input: { actor: 'operator', ...input } });
  return answer;
}

/** The order's disputes, and what holds its fulfilment. */
export async function disputesOf(store: TestStore, orderId: string): Promise<{ disputes: AdminDispute[]; holds: string[] }> {
  const { order } = await store.admin<{ order: { disputes: AdminDispute[]; fulfillmentHolds: { referenceId: string }[] } }>(
    `query D($id: ID) { order(id: $id) { disputes { ${DISPUTE} } fulfillmentHolds { referenceId } } }`,
    { id: orderId },
  );
  return { disputes: order.disputes, holds: order.fulfillmentHolds.map(({ referenceId }) => referenceId) };
}

interface PageInfo {
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/** The disputes of the store, newest first. */
export async function listDisputes(
  store: TestStore,
  filter: { first?: number; after?: string; status?: string },
): Promise<{ nodes: AdminDispute[] } & PageInfo> {
  const { disputes } = await store.admin<{ disputes: { nodes: AdminDispute[]; pageInfo: PageInfo } }>(
    `query L($first: Int, $after: String, $status: DisputeStatus) {
      disputes(first: $first, after: $after, status: $status) { nodes { ${DISPUTE} } pageInfo { endCursor hasNextPage } }
    }`,
    filter,
  );
  return { nodes: disputes.nodes, ...disputes.pageInfo };
}

/** The gateway's id of the order's payment. */
export async function paymentIntentOf(store: TestStore, orderId: string): Promise<string> {
  for await (const { paymentIntent } of store.gateway.ledger({ orderId })) return paymentIntent;
  throw new Error(`The gateway has no payment of ${orderId}`);
}

/** Lets the holder of the card dispute the order's payment, and waits until the store knows. */
export async function disputed(
  store: TestStore,
  order: AdminOrder,
  terms: Parameters<TestStore['gateway']['openDispute']>[1] = {},
): Promise<AdminDispute> {
  return recorded(store, order, await store.gateway.openDispute(await paymentIntentOf(store, order.id), terms));
}

/** Waits until the store knows the dispute of the order's payment. */
export const recorded = (store: TestStore, order: AdminOrder, ref: string): Promise<AdminDispute> =>
  waitFor(async () => (await disputesOf(store, order.id)).disputes.find(({ gatewayRef }) => gatewayRef === ref), {
    what: `dispute ${ref} to be recorded`,
  });

/** Waits until the order's only dispute has the status. */
export const disputeIs = (store: TestStore, orderId: string, status: string): Promise<AdminDispute> =>
  waitFor(async () => (await disputesOf(store, orderId)).disputes.find((dispute) => dispute.status === status), {
    what: `the dispute of ${orderId} to be ${status}`,
  });
