import { createBus } from '../src/index.js';

const { GROUP: group, EVENT_TOPIC: topic, SOURCE: source, DATABASE_URL: databaseUrl, KAFKA_BROKERS: kafkaBrokers } = process.env;
if (group === undefined || topic === undefined || source === undefined)
  throw new Error('GROUP, EVENT_TOPIC and SOURCE are missing');

const bus = createBus({
  clientId: 'hanging-member',
  ...(databaseUrl === undefined ? {} : { databaseUrl }),
  ...(kafkaBrokers === undefined ? {} : { kafkaBrokers }),
});

await bus.consume({
  group,
  topics: [topic],
  batchMax: 100,
  deadLetters: { store: () => Promise.resolve() },
  handle: (batch) => {
    const own = batch.events.filter((event) => event.source === source);
    if (own.length === 0) return Promise.resolve();
    for (const event of own) process.stdout.write(`${event.id}\n`);
    return new Promise<void>(() => undefined);
  },
});
