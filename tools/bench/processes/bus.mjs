// A bus that is always there: it takes usage as Kafka's producer does, as bytes, and says what of it billing has posted.

const POSTED_INTERVAL_MS = 200;
const ACCOUNT = 'acc_bench';
const RICH_NANO_USD = '1000000000000000';
const PLAN = { name: 'bench', requests_per_minute: 100_000_000, tokens_per_minute: null, concurrent_requests: null };

export function localBus() {
  const tails = new Set();
  let [posted, source, published] = [0, '', 0];
  const timer = setInterval(() => {
    if (posted === 0) return;
    const money = { balance_nano_usd: RICH_NANO_USD, held_nano_usd: '0', posted_positions: { [source]: posted } };
    const data = { version: Date.now(), account_id: ACCOUNT, status: 'active', plan: PLAN, ...money };
    for (const tail of tails) {
      const topic = tail.topics.find((name) => name.includes('account.changed'));
      if (topic !== undefined) void tail.handle({ topic, partition: 0, events: [{ topic, data }] });
    }
  }, POSTED_INTERVAL_MS);
  return {
    engine: 'embedded',
    publish: async (events) => {
      for (const event of events) published += Buffer.from(event.json ?? JSON.stringify(event.data)).length;
      const last = events.at(-1);
      if (last?.data.journal_position !== undefined) [posted, source] = [last.data.journal_position, last.source];
    },
    tail: async (options) => {
      tails.add(options);
      return { progress: () => ({ lag: 0, lastProgressAtMs: Date.now() }), close: async () => void tails.delete(options) };
    },
    consume: () => Promise.reject(new Error('not part of this bus')),
    read: () => Promise.resolve({ events: [], cursor: String(published) }),
    close: async () => clearInterval(timer),
  };
}
