/** Channel of the notification that wakes readers of the embedded log; its payload is the topic. */
export const BUS_CHANNEL = 'ecolink_bus';

/**
 * Text whose 64-bit hash is the advisory lock of a partition. Every append takes it before its number is drawn, so that numbers become
 * visible in the order of commits: on this rests that no reader skips an event.
 */
export function partitionLockName(topic: string, partition: number): string {
  return `${BUS_CHANNEL}:${topic}:${partition}`;
}
