import type { CheckoutAnswer } from './submission.ts';

/** Where a checkout stands and what its process must do next. Plain JSON: it travels through the workflow's history. */
export type CheckoutStanding =
  /** Ask the gateway. `mayHaveBeenSent`: an earlier try may have reached it, so read back first. */
  | { readonly step: 'pay'; readonly checkoutId: string; readonly mayHaveBeenSent: boolean }
  /** Wait for the customer (or the gateway) to finish the payment. `remindInMs`: when to remind the customer, who was not yet. */
  | {
      readonly step: 'await_action';
      readonly checkoutId: string;
      readonly answer: CheckoutAnswer;
      readonly waitMs: number;
      readonly remindInMs?: number;
    }
  /** Wait for an operator's decision. */
  | {
      readonly step: 'await_review';
      readonly checkoutId: string;
      readonly answer: CheckoutAnswer;
      readonly waitMs: number;
      readonly defaultDecision: 'approve' | 'reject';
    }
  /** It ended. `returnMoneyOf`: the gateway may hold money (or an authorization) of this checkout that must go back. */
  | { readonly step: 'done'; readonly answer: CheckoutAnswer; readonly returnMoneyOf?: string };
