// As a value for each product, not by EXISTS: a list of which a page is read would else begin with a table of all products that are kept
// from anybody. What is compared with null is kept back.

/** Whether the product `p` is sold in a channel: a condition. `channelId`: a column or a placeholder. */
export const soldIn = (channelId: string): string =>
  `coalesce((SELECT bool_or(x.channel_id IS NOT DISTINCT FROM ${channelId}) FROM product_channels x WHERE x.product_id = p.id), true)`;

/** Whether it is for somebody in these customer groups. `groupIds`: an array, which may be empty. */
export const meantFor = (groupIds: string): string =>
  `coalesce((SELECT bool_or(coalesce(x.group_id = ANY(${groupIds}), false)) FROM product_customer_groups x WHERE x.product_id = p.id), true)`;

/** Whether it is sold in a channel, to a customer among these. `customerIds`: an array, which may be empty or have nulls. */
export const soldTo = (channelId: string, customerIds: string): string =>
  `(${soldIn(channelId)} AND ${meantFor(`ARRAY(SELECT m.group_id FROM customer_group_members m WHERE m.customer_id = ANY(${customerIds}))`)})`;
