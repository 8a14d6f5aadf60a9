import { setTimeout as delay } from 'node:timers/promises';

const EVENTS_PER_PAGE = 1_000;
const POLL_MS = 1_000;

/** Reads topics through `GET /admin/v1/events`, which serves the same events on every installation, with Kafka or without. */
export class HttpSource {
  constructor(api) {
    this.api = api;
    this.name = `http ${api.url}`;
  }

  /** Hands every event from the book's places on to the book, until there are no more; following, until `signal`. */
  async read({ topics, book, follow, signal }) {
    do {
      for (const topic of topics) await this.readToEnd(topic, book, signal);
      if (follow) await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    } while (follow && !signal.aborted);
  }

  async readToEnd(topic, book, signal) {
    while (!signal.aborted) {
      const { cursor: after } = book.positionsOf(topic);
      const page = await this.api.get('/events', { topic, limit: EVENTS_PER_PAGE, ...(after === undefined ? {} : { after }) });
      if (page.data.length === 0) return;
      book.take(topic, page.data, { cursor: page.cursor });
    }
  }

  close() {}
}
