import { type BusEvent, partitionOf, TOPIC } from '@ecolink/contracts';
import { appendEvents, openDatabase, type Database } from '@ecolink/database';
import { createTestDatabase, type TestDatabase, waitFor } from '@ecolink/testing';
import { OutboxRelay } from '../src/index.js';
import { silentLogger } from './quiet.js';

const PATIENCE_MS = 20_000;

let testDatabase: TestDatabase;
let database: Database;
let relays: OutboxRelay[] = [];
let made = 0;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.url });
}, 180_000);
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.close()));
  relays = [];
  await database.client.$executeRaw`TRUNCATE bus_events`;
});
afterAll(async () => {
  await database.close();
  await testDatabase.close();
});

class RecordingBus {
  readonly published: BusEvent[] = [];
  refuses: (event: BusEvent) => boolean = () => false;

  publish(events: readonly BusEvent[]): Promise<void> {
    if (events.some((event) => this.refuses(event))) return Promise.reject(new Error('not now'));
    this.published.push(...events);
    return Promise.resolve();
  }

  get ids(): readonly string[] {
    return this.published.map((event) => event.id);
  }
}

function startRelay(bus: RecordingBus): OutboxRelay {
  const relay = new OutboxRelay({ databaseUrl: testDatabase.url, bus, logger: silentLogger });
  relays.push(relay);
  relay.start();
  return relay;
}

function eventOf(key: string): BusEvent {
  made += 1;
  return { id: `evt_${made}`, source: 'auth-billing', topic: TOPIC.usageRecorded, key, occurredAt: new Date(), data: { made } };
}

const append = (events: readonly BusEvent[]) => database.transaction((transaction) => appendEvents(transaction, events));
const rowsLeft = async () =>
  (await database.client.$queryRaw<{ event_id: string }[]>`SELECT event_id FROM bus_events ORDER BY id`).map(
    (row) => row.event_id,
  );

async function isEmptied(): Promise<void> {
  await waitFor(async () => (await rowsLeft()).length === 0, { timeoutMs: PATIENCE_MS, what: 'an empty outbox' });
}

describe('OutboxRelay', () => {
  it('publishes what is committed, in the order of each key, and leaves nothing behind', async () => {
    const bus = new RecordingBus();
    const relay = startRelay(bus);
    const events = Array.from({ length: 600 }, (_, index) => eventOf(`acc_${index % 5}`));
    for (let start = 0; start < events.length; start += 150) await append(events.slice(start, start + 150));
    await isEmptied();
    await waitFor(() => relay.progress().lag === 0, { timeoutMs: PATIENCE_MS });
    for (const key of ['acc_0', 'acc_1', 'acc_2', 'acc_3', 'acc_4']) {
      const ofKey = (all: readonly BusEvent[]) => all.filter((event) => event.key === key).map((event) => event.id);
      expect(ofKey(bus.published)).toEqual(ofKey(events));
    }
  });

  it('publishes nothing of a transaction that is rolled back', async () => {
    const bus = new RecordingBus();
    startRelay(bus);
    const lost = database.transaction(async (transaction) => {
      await appendEvents(transaction, [eventOf('acc_1')]);
      throw new Error('changed my mind');
    });
    await expect(lost).rejects.toThrow('changed my mind');
    const kept = eventOf('acc_1');
    await append([kept]);
    await isEmptied();
    expect(bus.ids).toEqual([kept.id]);
  });

  it('publishes an event that commits later with a lower number', async () => {
    const bus = new RecordingBus();
    startRelay(bus);
    const [early, other] = [eventOf('acc_0'), eventOf('acc_1')];
    expect(partitionOf(early.topic, early.key)).not.toBe(partitionOf(other.topic, other.key));
    let commit = () => undefined as void;
    const gate = new Promise<void>((resolve) => (commit = resolve));
    let appended = () => undefined as void;
    const isAppended = new Promise<void>((resolve) => (appended = resolve));
    const slow = database.transaction(async (transaction) => {
      await appendEvents(transaction, [early]);
      appended();
      await gate;
    });
    await isAppended;
    await append([other]);
    await waitFor(() => bus.ids.includes(other.id), { timeoutMs: PATIENCE_MS });
    commit();
    await slow;
    await isEmptied();
    expect(bus.ids).toEqual([other.id, early.id]);
  });

  it('keeps the rows of a partition that cannot be published, shows their lag, and goes on with the others', async () => {
    const bus = new RecordingBus();
    bus.refuses = (event) => event.key === 'acc_0';
    const relay = startRelay(bus);
    const [stuck, other] = [eventOf('acc_0'), eventOf('acc_1')];
    await append([stuck, other]);
    await waitFor(async () => (await rowsLeft()).length === 1, { timeoutMs: PATIENCE_MS });
    expect(await rowsLeft()).toEqual([stuck.id]);
    await waitFor(() => relay.progress().lag === 1, { timeoutMs: PATIENCE_MS });
    bus.refuses = () => false;
    await isEmptied();
    expect(bus.ids).toEqual([other.id, stuck.id]);
  });

  it('lets one of several work at a time, and the next one when that ends', async () => {
    const [first, second] = [new RecordingBus(), new RecordingBus()];
    const working = startRelay(first);
    const before = eventOf('acc_0');
    await append([before]);
    await isEmptied();
    startRelay(second);
    const during = eventOf('acc_0');
    await append([during]);
    await isEmptied();
    await working.close();
    const after = eventOf('acc_0');
    await append([after]);
    await isEmptied();
    expect([first.ids, second.ids]).toEqual([[before.id, during.id], [after.id]]);
  });
});
