import {
  PaymentTokenStatus,
  PaypalPaymentTokenUsageType,
  VaultTokenRequestType,
  VaultUserAction,
  type PaymentTokenResponse,
  type SetupTokenResponse,
} from '@paypal/paypal-server-sdk';
import { GatewayError } from '../../domain/payments/gateway.ts';
import type { PaymentVault, VaultSetup } from '../../domain/payments/vault.ts';
import { toDecline } from './declines.ts';
import { exchange, isMissing, toGatewayError } from './gateway-errors.ts';
import { ASKS_CUSTOMER } from './order-requests.ts';
import { toAction } from './payment-mapping.ts';
import { toRequestId } from './payment-reference.ts';
import type { PaypalClient } from './paypal-client.ts';

/** What the customer has approved but is not yet a saved method, or was made one already. */
const APPROVED: ReadonlySet<string | undefined> = new Set([
  PaymentTokenStatus.Approved,
  PaymentTokenStatus.Vaulted,
  PaymentTokenStatus.Tokenized,
]);

const refOf = ({ id }: SetupTokenResponse): string => {
  if (!id) throw new GatewayError('ambiguous', 'PayPal’s answer is no setup');
  return id;
};

function toSaved(setupRef: string, { id, customer, paymentSource }: PaymentTokenResponse): VaultSetup {
  const customerRef = customer?.merchantCustomerId ?? customer?.id;
  if (!id || !customerRef) throw new GatewayError('ambiguous', 'PayPal’s answer is no saved method');
  const wallet = paymentSource?.paypal;
  const fingerprint = wallet?.accountId ?? wallet?.payerId;
  return {
    state: 'saved',
    setupRef,
    method: { token: id, customerRef, details: { kind: 'paypal', ...(fingerprint ? { fingerprint } : {}) } },
  };
}

/** PayPal's vault, version 3: a setup token that the customer approves becomes a payment token. */
export function createVault({ vault }: Pick<PaypalClient, 'vault'>): PaymentVault {
  async function proceed(setup: SetupTokenResponse): Promise<VaultSetup> {
    const setupRef = refOf(setup);
    if (!APPROVED.has(setup.status)) return { state: 'requires_action', setupRef, action: toAction(setup.links) };
    try {
      const { result } = await vault.createPaymentToken({
        // One setup becomes one method, however often it is asked for.
        paypalRequestId: toRequestId(setupRef),
        body: { paymentSource: { token: { id: setupRef, type: VaultTokenRequestType.SetupToken } } },
      });
      return toSaved(setupRef, result);
    } catch (error) {
      const decline = toDecline(error);
      if (!decline) throw toGatewayError(error);
      return { state: 'failed', code: decline.code, message: decline.message };
    }
  }

  return {
    /** PayPal makes its customer with the first method that is saved and keeps our own id with it, so nothing is asked here. */
    createCustomer: async ({ customerId }) => ({ customerRef: customerId }),

    async setup({ key, customerRef, paymentMethod, returnUrl }) {
      if (paymentMethod !== ASKS_CUSTOMER)
        throw new GatewayError('rejected', 'PayPal’s vault keeps PayPal accounts only: say `paypal`');
      const { result } = await exchange(() =>
        vault.createSetupToken({
          paypalRequestId: toRequestId(key),
          body: {
            customer: { merchantCustomerId: customerRef },
            paymentSource: {
              paypal: {
                usageType: PaypalPaymentTokenUsageType.Merchant,
                ...(returnUrl === undefined
                  ? {}
                  : { experienceContext: { returnUrl, cancelUrl: returnUrl, userAction: VaultUserAction.SetupNow } }),
              },
            },
          },
        }),
      );
      // A repeated key answers as the setup was when it was new: the customer may have approved since.
      return { state: 'requires_action', setupRef: refOf(result), action: toAction(result.links) };
    },

    retrieveSetup: (setupRef) => exchange(async () => proceed((await vault.getSetupToken(setupRef)).result)),

    async remove({ token }) {
      try {
        await vault.deletePaymentToken(token);
      } catch (error) {
        if (!isMissing(error)) throw toGatewayError(error);
      }
    },
  };
}
