import {
  CheckoutPaymentIntent,
  PaymentInitiator,
  PaypalExperienceUserAction,
  PaypalPaymentTokenUsageType,
  PaypalWalletContextShippingPreference,
  StoreInVaultInstruction,
  StoredPaymentSourceUsageType,
  UsagePattern,
  type OrderRequest,
  type PaypalWallet,
} from '@paypal/paypal-server-sdk';
import type { AuthorizeRequest } from '../../domain/payments/gateway.ts';
import { toPaypalMoney } from './amounts.ts';
import { toCustomId } from './payment-reference.ts';

/** The payment method that asks the customer; every other is a token of PayPal's vault. */
export const ASKS_CUSTOMER = 'paypal';

/** The wallet of a customer who is sent to PayPal's page. */
function askedWallet({ returnUrl, customerRef, saveMethod }: AuthorizeRequest): PaypalWallet {
  return {
    experienceContext: {
      // The customer has given the address and seen the total: the page is to ask for nothing but the payment.
      userAction: PaypalExperienceUserAction.PayNow,
      shippingPreference: PaypalWalletContextShippingPreference.NoShipping,
      ...(returnUrl === undefined ? {} : { returnUrl, cancelUrl: returnUrl }),
    },
    ...(saveMethod
      ? {
          attributes: {
            ...(customerRef === undefined ? {} : { customer: { merchantCustomerId: customerRef } }),
            vault: { storeInVault: StoreInVaultInstruction.OnSuccess, usageType: PaypalPaymentTokenUsageType.Merchant },
          },
        }
      : {}),
  };
}

/** The wallet behind a token of the vault. */
export const savedWallet = ({ paymentMethod, offSession }: AuthorizeRequest): PaypalWallet => ({
  vaultId: paymentMethod,
  storedCredential: {
    paymentInitiator: offSession ? PaymentInitiator.Merchant : PaymentInitiator.Customer,
    usage: StoredPaymentSourceUsageType.Subsequent,
    usagePattern: UsagePattern.Immediate,
  },
});

/**
 * The order that a payment is at PayPal. `custom_id` carries our ids. It has no `invoice_id`: PayPal shows that one to the
 * customer, and accepts each only once in an account, which would refuse a second try of the same order's payment.
 */
export function toOrderRequest(request: AuthorizeRequest): OrderRequest {
  return {
    intent: request.captureMethod === 'automatic' ? CheckoutPaymentIntent.Capture : CheckoutPaymentIntent.Authorize,
    purchaseUnits: [{ amount: toPaypalMoney(request.amount, request.currency), customId: toCustomId(request.reference) }],
    ...(request.paymentMethod === ASKS_CUSTOMER ? { paymentSource: { paypal: askedWallet(request) } } : {}),
  };
}
