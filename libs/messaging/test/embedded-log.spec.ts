import { type BusEvent, partitionOf, TOPIC, TOPICS } from '@ecolink/contracts';
import { appendEvents, openDatabase, type Database } from '@ecolink/database';
import { createTestDatabase, type TestDatabase, waitFor } from '@ecolink/testing';
import pg from 'pg';
import { createBus, type EventBus } from '../src/index.js';
import { BusNotifications } from '../src/embedded/bus-notifications.js';
import { pruneEvents } from '../src/embedded/prune-events.js';
import { Collector, RememberedDeadLetters } from './collector.js';
import { QUICK_BACK_OFF, silentLogger } from './quiet.js';

const PATIENCE_MS = 20_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let database: TestDatabase;
let prisma: Database;
let pool: pg.Pool;
let bus: EventBus;
let made = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  prisma = openDatabase({ url: database.url });
  pool = new pg.Pool({ connectionString: database.url });
  pool.on('error', () => undefined);
}, 180_000);
beforeEach(async () => {
  await pool.query('TRUNCATE bus_events, bus_offsets');
  bus = createBus({ clientId: 'test', databaseUrl: database.url, logger: silentLogger, backOff: QUICK_BACK_OFF });
});
afterEach(() => bus.close());
afterAll(async () => {
  await prisma.client.$disconnect();
  await pool.end();
  await database.close();
});

function eventOf(topic: string, key: string): BusEvent {
  made += 1;
  return { id: `evt_${made}`, source: 'test', topic, key, occurredAt: new Date(), data: { made } };
}

/** Two keys of one partition, and one of another. */
function keysOf(topic: string): { first: string; second: string; elsewhere: string } {
  const partition = partitionOf(topic, 'acc_0');
  const keys = Array.from({ length: 100 }, (_, index) => `acc_${index + 1}`);
  const second = keys.find((key) => partitionOf(topic, key) === partition);
  const elsewhere = keys.find((key) => partitionOf(topic, key) !== partition);
  if (second === undefined || elsewhere === undefined) throw new Error('no such keys');
  return { first: 'acc_0', second, elsewhere };
}

async function consume(collector: Collector, group = 'group'): Promise<void> {
  const topics = [TOPIC.usageRecorded, TOPIC.keyChanged];
  await bus.consume({ group, topics, batchMax: 100, handle: collector.handle, deadLetters: new RememberedDeadLetters() });
}

/** Sessions of this database that wait for the lock of a partition. */
async function advisoryWaiters(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM pg_locks
     WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return rows[0]?.count ?? 0;
}

describe('appending', () => {
  it('never lets a reader skip an event that commits later with a lower number', async () => {
    const { first, second, elsewhere } = keysOf(TOPIC.usageRecorded);
    const [early, late, other] = [
      eventOf(TOPIC.usageRecorded, first),
      eventOf(TOPIC.usageRecorded, second),
      eventOf(TOPIC.usageRecorded, elsewhere),
    ];
    const collector = new Collector('test');
    await consume(collector);
    let commit = () => undefined as void;
    const gate = new Promise<void>((resolve) => (commit = resolve));
    let appended = () => undefined as void;
    const isAppended = new Promise<void>((resolve) => (appended = resolve));
    const slow = prisma.transaction(async (transaction) => {
      await appendEvents(transaction, [early]);
      appended();
      await gate;
    });
    await isAppended;
    const quick = bus.publish([late]);
    await bus.publish([other]);
    await collector.hasAll([other.id]);
    commit();
    await Promise.all([slow, quick]);
    await collector.hasAll([early.id, late.id]);
    expect(collector.ids.filter((id) => id !== other.id)).toEqual([early.id, late.id]);
    const positionOf = (id: string) => BigInt(collector.events.find((event) => event.id === id)?.position ?? 0);
    expect(positionOf(early.id) < positionOf(other.id)).toBe(true);
  });

  it('lets publishers of the same partitions in opposite order through without a deadlock', async () => {
    const { first, elsewhere } = keysOf(TOPIC.usageRecorded);
    const forth = () => bus.publish([eventOf(TOPIC.usageRecorded, first), eventOf(TOPIC.usageRecorded, elsewhere)]);
    const back = () => bus.publish([eventOf(TOPIC.usageRecorded, elsewhere), eventOf(TOPIC.usageRecorded, first)]);
    await Promise.all(Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? forth() : back())));
    const { rows } = await pool.query<{ count: number }>('SELECT count(*)::integer AS count FROM bus_events');
    expect(rows).toEqual([{ count: 100 }]);
  });

  it.each([
    ['with a change', (event: BusEvent) => prisma.transaction((transaction) => appendEvents(transaction, [event]))],
    ['by a publisher', (event: BusEvent) => bus.publish([event])],
  ])('%s wakes whoever reads the topic, and takes turns with others of the partition', async (_how, append) => {
    const notifications = new BusNotifications(database.url, silentLogger);
    const heard: (string | undefined)[] = [];
    notifications.subscribe((topic) => heard.push(topic));
    // The first ring says that every later event is heard of.
    await waitFor(() => heard.length > 0, { timeoutMs: PATIENCE_MS, what: 'to listen' });
    heard.length = 0;
    const { first, second } = keysOf(TOPIC.usageRecorded);
    let commit = () => undefined as void;
    const gate = new Promise<void>((resolve) => (commit = resolve));
    let hasLock = () => undefined as void;
    const isLocked = new Promise<void>((resolve) => (hasLock = resolve));
    const slow = prisma.transaction(async (transaction) => {
      await appendEvents(transaction, [eventOf(TOPIC.usageRecorded, first)]);
      hasLock();
      await gate;
    });
    await isLocked;
    const waiting = append(eventOf(TOPIC.usageRecorded, second));
    await waitFor(async () => (await advisoryWaiters()) > 0, { timeoutMs: PATIENCE_MS, what: 'the other to wait' });
    expect(heard).toEqual([]);
    commit();
    await Promise.all([slow, waiting]);
    await waitFor(() => heard.length >= 2, { timeoutMs: PATIENCE_MS, what: 'both to be heard of' });
    expect(heard).toEqual([TOPIC.usageRecorded, TOPIC.usageRecorded]);
    await notifications.close();
  });

  it('publishes nothing of a call that fails', async () => {
    await pool.query("ALTER TABLE bus_events ADD CONSTRAINT test_refuses CHECK (key <> 'refused')");
    const events = [eventOf(TOPIC.usageRecorded, 'acc_1'), eventOf(TOPIC.usageRecorded, 'refused')];
    await expect(bus.publish(events)).rejects.toThrow('test_refuses');
    expect((await pool.query('SELECT 1 FROM bus_events')).rowCount).toBe(0);
    await pool.query('ALTER TABLE bus_events DROP CONSTRAINT test_refuses');
  });
});

describe('a consumer group', () => {
  const killSessions = (name: string) =>
    pool.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE $1 AND datname = current_database()',
      [name],
    );

  it('goes on after its sessions were cut, without losing or reordering an event', async () => {
    const collector = new Collector('test');
    await consume(collector);
    const events = Array.from({ length: 60 }, () => eventOf(TOPIC.keyChanged, 'one key'));
    for (const event of events) {
      await bus.publish([event]);
      if (Number(event.id.slice(4)) % 20 === 0) await killSessions('ecolink-bus-group%');
    }
    await collector.hasAll(events.map((event) => event.id));
    const firstSeen = [...new Set(collector.ids)];
    expect(firstSeen).toEqual(events.map((event) => event.id));
  });

  it('cannot move an offset after its session, and with it the lease, was lost', async () => {
    const event = eventOf(TOPIC.keyChanged, 'one key');
    let calls = 0;
    const handle = async () => {
      calls += 1;
      if (calls === 1) await killSessions('ecolink-bus-group%');
      const { rows } = await pool.query<{ count: number }>('SELECT count(*)::integer AS count FROM bus_offsets');
      if (calls === 2) expect(rows).toEqual([{ count: 0 }]);
    };
    const deadLetters = new RememberedDeadLetters();
    const subscription = await bus.consume({ group: 'group', topics: [TOPIC.keyChanged], batchMax: 10, handle, deadLetters });
    await bus.publish([event]);
    await waitFor(() => calls === 2, { timeoutMs: PATIENCE_MS, what: 'the second delivery' });
    await subscription.close();
    expect(deadLetters.letters).toEqual([]);
    expect((await pool.query('SELECT 1 FROM bus_offsets')).rowCount).toBe(1);
  });

  it('lets a waiting member take over when the holder closes', async () => {
    const [holder, waiting] = [new Collector('test'), new Collector('test')];
    const deadLetters = new RememberedDeadLetters();
    const options = { group: 'group', topics: [TOPIC.keyChanged], batchMax: 10, deadLetters };
    const first = await bus.consume({ ...options, handle: holder.handle });
    const before = eventOf(TOPIC.keyChanged, 'one key');
    await bus.publish([before]);
    await holder.hasAll([before.id]);
    await bus.consume({ ...options, handle: waiting.handle });
    await first.close();
    const after = eventOf(TOPIC.keyChanged, 'one key');
    await bus.publish([after]);
    await waiting.hasAll([after.id]);
    expect(waiting.ids).toEqual([after.id]);
    expect(holder.ids).toEqual([before.id]);
  });

  it('does not let one failing partition hold up the others', async () => {
    const { first, elsewhere } = keysOf(TOPIC.usageRecorded);
    const collector = new Collector('test');
    const handle = (batch: { events: readonly BusEvent[] }) => {
      if (batch.events.some((event) => event.key === first)) throw new Error('this partition is ill');
      return collector.handle(batch as never);
    };
    const deadLetters = { store: () => Promise.reject(new Error('full')) };
    await bus.consume({ group: 'group', topics: [TOPIC.usageRecorded], batchMax: 10, handle, deadLetters });
    await bus.publish([eventOf(TOPIC.usageRecorded, first)]);
    const others = Array.from({ length: 5 }, () => eventOf(TOPIC.usageRecorded, elsewhere));
    for (const event of others) await bus.publish([event]);
    await collector.hasAll(others.map((event) => event.id));
  });
});

describe('pruning', () => {
  const age = (ms: number) => pool.query(`UPDATE bus_events SET appended_at = now() - make_interval(secs => $1)`, [ms / 1_000]);
  const left = async () =>
    (await pool.query<{ event_id: string }>('SELECT event_id FROM bus_events ORDER BY id')).rows.map((row) => row.event_id);
  const prune = () => pruneEvents(pool, { now: new Date(), topics: TOPICS, statementsMax: 100 });

  it('deletes events past the retention of their topic, and keeps the others', async () => {
    await bus.publish([eventOf(TOPIC.deploymentObserved, '142'), eventOf(TOPIC.usageRecorded, 'acc_1')]);
    await age(2 * DAY_MS);
    await bus.publish([eventOf(TOPIC.deploymentObserved, '142')]);
    const [, usage, observed] = await left();
    expect(await prune()).toBe(1);
    expect(await left()).toEqual([usage, observed]);
  });

  it('keeps events past their retention for a group that has not read them, unless the group is gone', async () => {
    const events = [eventOf(TOPIC.usageRecorded, 'acc_1'), eventOf(TOPIC.usageRecorded, 'acc_1')];
    await bus.publish(events);
    await age(400 * DAY_MS);
    const { rows } = await pool.query<{ id: string; partition: number }>('SELECT id, partition FROM bus_events ORDER BY id');
    await pool.query(
      `INSERT INTO bus_offsets (group_name, topic, partition, position) VALUES ('slow', $1, $2, $3), ('quick', $1, $2, $3 + 100)`,
      [TOPIC.usageRecorded, rows[0]?.partition, rows[0]?.id],
    );
    expect(await prune()).toBe(1);
    expect(await left()).toEqual([events[1]?.id]);
    await pool.query(`UPDATE bus_offsets SET updated_at = now() - interval '900 days' WHERE group_name = 'slow'`);
    expect(await prune()).toBe(1);
    await pool.query('DELETE FROM bus_offsets');
  });

  it('keeps the newest record of every key of a state topic however old, and what was superseded a moment ago', async () => {
    const events = [eventOf(TOPIC.keyChanged, 'a'), eventOf(TOPIC.keyChanged, 'b'), eventOf(TOPIC.keyChanged, 'a')];
    await bus.publish(events);
    await age(9 * MINUTE_MS);
    expect(await prune()).toBe(0);
    await age(400 * DAY_MS);
    expect(await prune()).toBe(1);
    expect((await left()).sort()).toEqual([events[1]?.id, events[2]?.id].sort());
  });
});
