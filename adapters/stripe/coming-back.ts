import type Stripe from 'stripe';

/** Which methods an intent may use. Without a page to come back to, those that send the customer away cannot be used. */
export const comingBackTo = (
  returnUrl: string | undefined,
): Pick<Stripe.PaymentIntentCreateParams & Stripe.SetupIntentCreateParams, 'automatic_payment_methods' | 'return_url'> =>
  returnUrl === undefined
    ? { automatic_payment_methods: { enabled: true, allow_redirects: 'never' } }
    : { automatic_payment_methods: { enabled: true, allow_redirects: 'always' }, return_url: returnUrl };
