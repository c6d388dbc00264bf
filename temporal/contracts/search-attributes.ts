import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What operators filter workflows by in Temporal's UI. No personal data. Set only while something is waited for. */
export const CheckoutStatusAttribute = defineSearchAttributeKey('HeadlessProCheckoutStatus', SearchAttributeType.KEYWORD);
export const OrderStatusAttribute = defineSearchAttributeKey('HeadlessProOrderStatus', SearchAttributeType.KEYWORD);

/** All keys that a namespace must know before a worker starts. */
export const SEARCH_ATTRIBUTES = [CheckoutStatusAttribute, OrderStatusAttribute] as const;
