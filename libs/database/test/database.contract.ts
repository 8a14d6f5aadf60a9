import { type BusEvent, TOPIC } from '@ecolink/contracts';
import { appendEvents, type Database, migrateDatabase, openDatabase } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '@ecolink/testing';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase({ url: server.url });
});

afterAll(async () => {
  await database.close();
  await server.close();
});

function event(id: string, key = 'acc_1'): BusEvent {
  return { id, source: 'test', topic: TOPIC.accountChanged, key, occurredAt: new Date(0), data: { text: `ä"\\${id}` } };
}

describe('appendEvents', () => {
  it('leaves nothing behind when the transaction is rolled back', async () => {
    const failed = database.transaction(async (transaction) => {
      await appendEvents(transaction, [event('rolled-back')]);
      throw new Error('stop');
    });
    await expect(failed).rejects.toThrow('stop');
    expect(await database.client.busEvent.count({ where: { eventId: 'rolled-back' } })).toBe(0);
  });

  it('keeps the order of the events it is given, and their data byte for byte', async () => {
    await database.transaction((transaction) => appendEvents(transaction, [event('a'), event('b'), event('c')]));
    const rows = await database.client.busEvent.findMany({ where: { eventId: { in: ['a', 'b', 'c'] } }, orderBy: { id: 'asc' } });
    expect(rows.map((row) => row.eventId)).toEqual(['a', 'b', 'c']);
    expect(rows[0]?.data).toEqual({ text: 'ä"\\a' });
  });

  it('makes a second writer of a partition wait, so that numbers become visible in the order of commits', async () => {
    const order: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let appended: () => void = () => undefined;
    const firstAppended = new Promise<void>((resolve) => (appended = resolve));
    const first = database.transaction(async (transaction) => {
      await appendEvents(transaction, [event('first')]);
      appended();
      await held;
      order.push('first');
    });
    await firstAppended;
    const second = database.transaction(async (transaction) => {
      await appendEvents(transaction, [event('second')]);
      order.push('second');
    });
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });
});

describe('migrateDatabase', () => {
  it('changes nothing the second time', async () => {
    expect(await migrateDatabase(server.url)).toEqual([]);
  });
});
