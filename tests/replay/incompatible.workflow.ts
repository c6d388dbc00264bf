import { sleep } from '@temporalio/workflow';
import { checkout as released } from '../../workflows/checkout/checkout.workflow.ts';
import type { CheckoutInput } from '../../temporal/contracts/checkout.ts';

/** The checkout with a timer that no running checkout has: what `patched` is there to prevent. */
export async function checkout(input: CheckoutInput): Promise<unknown> {
  await sleep('1s');
  return released(input);
}
