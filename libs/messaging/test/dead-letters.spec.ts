import { type BusEvent, type DeliveredEvent, TOPIC } from '@ecolink/contracts';
import { createTestDatabase, type TestDatabase } from '@ecolink/testing';
import { DeadLetters } from '../src/index.js';

let database: TestDatabase;
let deadLetters: DeadLetters;

beforeAll(async () => {
  database = await createTestDatabase();
  deadLetters = new DeadLetters({ databaseUrl: database.url });
}, 180_000);
afterAll(async () => {
  await deadLetters.close();
  await database.close();
});

const eventOf = (id: string, overrides: Partial<DeliveredEvent> = {}): DeliveredEvent => ({
  id,
  source: 'router/router-1',
  topic: TOPIC.usageRecorded,
  key: 'acc_1',
  occurredAt: new Date('2026-11-23T10:00:00Z'),
  data: { tokens: 1 },
  partition: 3,
  position: '17',
  ...overrides,
});

async function storedIdOf(eventId: string): Promise<string> {
  const { letters } = await deadLetters.list({ limit: 100 });
  return letters.find((letter) => letter.event.id === eventId)?.id ?? 'none';
}

describe('DeadLetters', () => {
  it('gives back the whole event with group, reason and attempts', async () => {
    await deadLetters.store({ group: 'whole', event: eventOf('evt_whole'), reason: 'no account', attempts: 8 });
    const letter = await deadLetters.get(await storedIdOf('evt_whole'));
    expect(letter).toMatchObject({ group: 'whole', reason: 'no account', attempts: 8, replayedAt: null, decodable: true });
    expect(letter?.id).toMatch(/^dlq_/);
    expect(letter?.event).toEqual(eventOf('evt_whole'));
  });

  it('stores an event once per group, with its first reason', async () => {
    for (const reason of ['first', 'second']) await deadLetters.store({ group: 'once', event: eventOf('evt_once'), reason });
    await deadLetters.store({ group: 'twice', event: eventOf('evt_once'), reason: 'other group' });
    const { letters } = await deadLetters.list({ limit: 10, group: 'once' });
    expect(letters.map((letter) => letter.reason)).toEqual(['first']);
    expect((await deadLetters.list({ limit: 10, group: 'twice' })).letters).toHaveLength(1);
  });

  it('stores what no jsonb or text column would take', async () => {
    const event = eventOf('evt_odd', { key: 'a\0b', data: { text: 'nul \0 and \ud83d' } });
    await deadLetters.store({ group: 'odd', event, reason: `reason \0 ${'x'.repeat(5_000)}` });
    const letter = await deadLetters.get(await storedIdOf('evt_odd'));
    expect(letter?.event.data).toEqual({ text: 'nul \0 and \ud83d' });
    expect(letter?.reason).toHaveLength(2_000);
  });

  it('lists the newest first, in pages both ways', async () => {
    for (const number of [1, 2, 3, 4, 5]) {
      await deadLetters.store({ group: 'pages', event: eventOf(`evt_page_${number}`), reason: 'bad' });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const idsOf = (page: { letters: readonly { event: BusEvent }[] }) => page.letters.map((letter) => letter.event.id.slice(-1));
    const first = await deadLetters.list({ limit: 2, group: 'pages' });
    expect([idsOf(first), first.hasMore]).toEqual([['5', '4'], true]);
    const second = await deadLetters.list({ limit: 2, group: 'pages', after: first.letters[1]?.id ?? '' });
    expect([idsOf(second), second.hasMore]).toEqual([['3', '2'], true]);
    const back = await deadLetters.list({ limit: 2, group: 'pages', before: second.letters[0]?.id ?? '' });
    expect([idsOf(back), back.hasMore]).toEqual([['5', '4'], false]);
  });

  it('publishes the event again on replay, and opens the letter again when it fails again', async () => {
    await deadLetters.store({ group: 'replay', event: eventOf('evt_replay'), reason: 'first' });
    const id = await storedIdOf('evt_replay');
    const published: BusEvent[] = [];
    const bus = { publish: (events: readonly BusEvent[]) => Promise.resolve(void published.push(...events)) };
    expect(await deadLetters.replay(id, bus)).toMatchObject({
      kind: 'replayed',
      letter: { id, replayedAt: expect.any(Date) as Date },
    });
    expect(published).toMatchObject([{ id: 'evt_replay', source: 'router/router-1', key: 'acc_1', data: { tokens: 1 } }]);
    expect((await deadLetters.get(id))?.replayedAt).toBeInstanceOf(Date);
    await deadLetters.store({ group: 'replay', event: eventOf('evt_replay', { position: '99' }), reason: 'second' });
    expect(await deadLetters.get(id)).toMatchObject({ reason: 'second', replayedAt: null, event: { position: '99' } });
  });

  it('stays open when the bus does not take the replay', async () => {
    await deadLetters.store({ group: 'replay', event: eventOf('evt_refused'), reason: 'first' });
    const id = await storedIdOf('evt_refused');
    await expect(deadLetters.replay(id, { publish: () => Promise.reject(new Error('bus down')) })).rejects.toThrow('bus down');
    expect((await deadLetters.get(id))?.replayedAt).toBeNull();
  });

  it('replays neither what is not there nor what was no event', async () => {
    const bus = { publish: () => Promise.reject(new Error('must not be called')) };
    expect(await deadLetters.replay('dlq_none', bus)).toEqual({ kind: 'not_found' });
    await deadLetters.store({ group: 'bytes', event: eventOf('3-17', { source: 'ecolink/undecodable' }), reason: 'no JSON' });
    expect(await deadLetters.replay(await storedIdOf('3-17'), bus)).toEqual({ kind: 'undecodable' });
  });
});
