import { setTimeout as delay } from 'node:timers/promises';
import { type BusEvent, partitionOf, TOPIC } from '@ecolink/contracts';
import pg from 'pg';
import { BUS_CHANNEL } from '@ecolink/contracts';
import { appendEvents, type Database, migrateDatabase, openDatabase } from '../src/index.js';

export interface DatabaseEnvironment {
  /** Of a database that is migrated and nobody else's. */
  readonly url: string;
  close(): Promise<void>;
}

const TEST_TIMEOUT_MS = 60_000;

function event(id: string, key = 'acc_1'): BusEvent {
  return { id, source: 'test', topic: TOPIC.accountChanged, key, occurredAt: new Date(0), data: { text: `ä"\\${id}` } };
}

/** Resolves, and the promise beside it, so that two transactions can be brought into an order. */
function signal(): { readonly reached: Promise<void>; readonly reach: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { reached: promise, reach: resolve };
}

/** The promises of the database. Every way to a server is held to the same ones. */
export function databaseContract(setUp: () => Promise<DatabaseEnvironment>): void {
  let environment: DatabaseEnvironment;
  let database: Database;

  beforeAll(async () => {
    environment = await setUp();
    database = openDatabase({ url: environment.url, connectionsMax: 4 });
  }, TEST_TIMEOUT_MS);

  afterAll(async () => {
    await database.close();
    await environment.close();
  }, TEST_TIMEOUT_MS);

  const eventIds = async (...ids: string[]): Promise<string[]> => {
    const rows = await database.client.busEvent.findMany({ where: { eventId: { in: ids } }, orderBy: { id: 'asc' } });
    return rows.map((row) => row.eventId);
  };

  it('migrates once, whoever asks and however many at a time', async () => {
    const applied = await Promise.all([1, 2, 3].map(() => migrateDatabase(environment.url)));
    expect(applied).toEqual([[], [], []]);
  });

  it('leaves nothing of a transaction that is rolled back, its events included', async () => {
    const failed = database.transaction(async (transaction) => {
      await appendEvents(transaction, [event('rolled-back')]);
      throw new Error('stop');
    });
    await expect(failed).rejects.toThrow('stop');
    expect(await eventIds('rolled-back')).toEqual([]);
  });

  it('keeps the order of the events it is given, and their data byte for byte', async () => {
    await database.transaction((transaction) => appendEvents(transaction, [event('a'), event('b'), event('c')]));
    expect(await eventIds('c', 'b', 'a')).toEqual(['a', 'b', 'c']);
    const row = await database.client.busEvent.findFirst({ where: { eventId: 'a' } });
    expect(row?.data).toEqual({ text: 'ä"\\a' });
  });

  it('makes a second writer of a partition wait, so that numbers become visible in the order of commits', async () => {
    const order: string[] = [];
    const [appended, mayCommit] = [signal(), signal()];
    const first = database.transaction(async (transaction) => {
      await appendEvents(transaction, [event('first')]);
      appended.reach();
      await mayCommit.reached;
      order.push('first');
    });
    await appended.reached;
    const second = database.transaction(async (transaction) => {
      await appendEvents(transaction, [event('second')]);
      order.push('second');
    });
    mayCommit.reach();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    expect(await eventIds('first', 'second')).toEqual(['first', 'second']);
  });

  it('lets writers of different partitions pass each other', async () => {
    const { topic } = event('');
    const keys = Array.from({ length: 100 }, (_, index) => `acc_${index}`);
    const other = keys.find((key) => partitionOf(topic, key) !== partitionOf(topic, 'acc_1')) ?? '';
    const [appended, mayCommit] = [signal(), signal()];
    const held = database.transaction(async (transaction) => {
      await appendEvents(transaction, [event('held')]);
      appended.reach();
      await mayCommit.reached;
    });
    await appended.reached;
    await database.transaction((transaction) => appendEvents(transaction, [event('passing', other)]));
    expect(await eventIds('held', 'passing')).toEqual(['passing']);
    mayCommit.reach();
    await held;
  });

  it('wakes whoever listens when a transaction with events commits, and not before', async () => {
    const listener = new pg.Client({ connectionString: environment.url });
    await listener.connect();
    const heard: (string | undefined)[] = [];
    listener.on('notification', ({ payload }) => heard.push(payload));
    await listener.query(`LISTEN ${BUS_CHANNEL}`);
    await database.transaction(async (transaction) => {
      await appendEvents(transaction, [event('announced'), event('announced-too')]);
      await listener.query('SELECT 1');
      expect(heard).toEqual([]);
    });
    while (heard.length === 0) await listener.query('SELECT 1');
    expect(heard).toEqual([TOPIC.accountChanged]);
    await listener.end();
  });

  it('holds amounts to the last nano-USD, at both ends of a bigint', async () => {
    const amounts = [2n ** 63n - 1n, -(2n ** 63n), 1n];
    const rows = await database.client.$queryRaw<{ amount: bigint }[]>`SELECT unnest(${amounts}::bigint[]) AS amount`;
    expect(rows.map((row) => row.amount)).toEqual(amounts);
  });

  it('goes on with new connections when all of its old ones were ended', async () => {
    await database.client.$queryRaw`SELECT 1`;
    const operator = new pg.Client({ connectionString: environment.url });
    await operator.connect();
    await operator.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await operator.end();
    const answer = async (): Promise<number> => {
      const rows = await database.client.$queryRaw<{ one: number }[]>`SELECT 1 AS one`;
      return rows[0]?.one ?? 0;
    };
    // A connection that was lost under a statement fails that statement.
    for (let attempt = 0; attempt < 4; attempt += 1) await answer().catch(() => delay(50));
    expect(await answer()).toBe(1);
  });

  it('gives up a transaction that waits for a lock for too long, and is usable afterwards', async () => {
    const holder = new pg.Client({ connectionString: environment.url });
    await holder.connect();
    await holder.query('SELECT pg_advisory_lock(42)');
    const waiting = database.transaction(async (transaction) => {
      await transaction.$executeRaw`SET LOCAL lock_timeout = '100ms'`;
      await transaction.$executeRaw`SELECT pg_advisory_xact_lock(42)`;
    });
    await expect(waiting).rejects.toThrow(/lock timeout/);
    await holder.end();
    await database.transaction((transaction) => appendEvents(transaction, [event('afterwards')]));
    expect(await eventIds('afterwards')).toEqual(['afterwards']);
  });
}
