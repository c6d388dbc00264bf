/** One queue for each kind of load, so that one's flood or fault leaves the others alone. */
export const TASK_QUEUES = { checkout: 'checkout', orders: 'orders', webhooks: 'webhooks', search: 'search' } as const;

export type TaskQueue = (typeof TASK_QUEUES)[keyof typeof TASK_QUEUES];
