/**
 * Whether the product `p` is sold in a channel, to a customer among these: a condition. The columns or placeholders of a channel's id and
 * of an array of ids of customers, which may be empty or have nulls.
 */
export const soldTo = (channelId: string, customerIds: string): string => `(
    (NOT EXISTS (SELECT 1 FROM product_channels x WHERE x.product_id = p.id)
      OR EXISTS (SELECT 1 FROM product_channels x WHERE x.product_id = p.id AND x.channel_id = ${channelId}))
    AND (NOT EXISTS (SELECT 1 FROM product_customer_groups x WHERE x.product_id = p.id)
      OR EXISTS (SELECT 1 FROM product_customer_groups x JOIN customer_group_members m ON m.group_id = x.group_id
        WHERE x.product_id = p.id AND m.customer_id = ANY(${customerIds}))))`;
