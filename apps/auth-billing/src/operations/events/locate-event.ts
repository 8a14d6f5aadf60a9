import type { EventBus } from '@ecolink/messaging';

const PAGE_EVENTS = 1_000;
const PAGES_MAX = 10_000;

/**
 * The cursor behind one event of a topic, found by reading from the beginning; `undefined` when the topic does not hold it
 * (any more). For people who go on after an id that they have seen; programs keep the cursor of their last page.
 */
export async function locateEvent(bus: EventBus, topic: string, eventId: string): Promise<string | undefined> {
  let after: string | undefined;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const from = after === undefined ? {} : { after };
    const page = await bus.read({ topic, limit: PAGE_EVENTS, ...from });
    const index = page.events.findIndex((event) => event.id === eventId);
    if (index !== -1) return (await bus.read({ topic, limit: index + 1, ...from })).cursor;
    if (page.events.length === 0) return undefined;
    after = page.cursor;
  }
  return undefined;
}
