import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
}

interface RequestQueueClass {
  readonly prototype: { scheduleCheckPendingRequests: (this: RequestQueue) => void };
}

/**
 * kafkajs 2.2.4 re-arms a timer on every connection, each millisecond, for ever, whether anything waits or not
 * (tulios/kafkajs#1704). Here it is armed only while requests are pending, which is all that it is for.
 */
export function quietRequestQueue(): void {
  const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as RequestQueueClass;
  const schedule = queue.prototype.scheduleCheckPendingRequests;
  queue.prototype.scheduleCheckPendingRequests = function scheduleWhilePending(this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
