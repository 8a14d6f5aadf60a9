import { type BusEvent, type DeliveredEvent, partitionOf, TOPIC } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import { type EventBus, InvalidCursorError, PoisonEventError } from '../src/index.js';
import { Collector, RememberedDeadLetters } from './collector.js';
import { spawnMember } from './spawn-member.js';

export interface ContractEnvironment {
  /** A bus as a process of its own would have it. */
  createBus(): EventBus;
  /** What a child process needs to open the same log. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const PATIENCE_MS = 60_000;
const TEST_TIMEOUT_MS = 240_000;
const TOPIC_OF_MANY = TOPIC.usageRecorded;
const TOPIC_OF_ONE = TOPIC.priceChanged;

let tests = 0;

/** The promises of the port. Every engine is held to the same ones. */
export function eventBusContract(setUp: () => Promise<ContractEnvironment>): void {
  let environment: ContractEnvironment;
  let buses: EventBus[] = [];
  let source = '';
  let group = '';

  beforeAll(async () => {
    environment = await setUp();
  }, TEST_TIMEOUT_MS);
  afterAll(() => environment.close(), TEST_TIMEOUT_MS);

  beforeEach(() => {
    tests += 1;
    source = `contract/${process.pid}-${tests}`;
    group = `contract-${process.pid}-${tests}`;
  });
  afterEach(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    buses = [];
  }, TEST_TIMEOUT_MS);

  function openBus(): EventBus {
    const bus = environment.createBus();
    buses.push(bus);
    return bus;
  }

  function eventsOf(topic: string, keys: readonly string[], count: number): BusEvent[] {
    return Array.from({ length: count }, (_, index) => ({
      id: `evt_${tests}_${index}`,
      source,
      topic,
      key: keys[index % keys.length] ?? '',
      occurredAt: new Date(1_790_000_000_000 + index),
      data: { index, text: 'Grüße, 世界 🌍', nested: [null, true, 1.5] },
    }));
  }

  const idsOf = (events: readonly { id: string }[]) => events.map((event) => event.id);
  const KEYS = Array.from({ length: 20 }, (_, index) => `acc_${index}`);

  it(
    'delivers an event as it was published, in the partition of its key',
    async () => {
      const bus = openBus();
      const collector = new Collector(source);
      const [event] = eventsOf(TOPIC_OF_MANY, ['acc_7'], 1);
      if (event === undefined) throw new Error('no event');
      await bus.publish([event]);
      await bus.consume({
        group,
        topics: [TOPIC_OF_MANY],
        batchMax: 100,
        handle: collector.handle,
        deadLetters: new RememberedDeadLetters(),
      });
      await collector.hasAll([event.id]);
      const [delivered] = collector.events;
      expect(delivered).toEqual({
        ...event,
        partition: partitionOf(TOPIC_OF_MANY, 'acc_7'),
        position: expect.stringMatching(/^[0-9]+$/),
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'keeps the order of a key, whatever batches it was published in',
    async () => {
      const bus = openBus();
      const collector = new Collector(source);
      await bus.consume({
        group,
        topics: [TOPIC_OF_MANY],
        batchMax: 7,
        handle: collector.handle,
        deadLetters: new RememberedDeadLetters(),
      });
      const events = eventsOf(TOPIC_OF_MANY, KEYS, 400);
      for (let start = 0; start < events.length; start += 45) await bus.publish(events.slice(start, start + 45));
      await collector.hasAll(idsOf(events));
      for (const key of KEYS) {
        const ofKey = (all: readonly BusEvent[]) => idsOf(all.filter((event) => event.key === key));
        expect(ofKey(collector.events)).toEqual(ofKey(events));
      }
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shares a group among its members, and gives every group everything',
    async () => {
      const collectors = [new Collector(source), new Collector(source), new Collector(source)];
      const groups = [group, group, `${group}-other`];
      for (const [index, collector] of collectors.entries()) {
        const deadLetters = new RememberedDeadLetters();
        const options = {
          group: groups[index] ?? group,
          topics: [TOPIC_OF_MANY],
          batchMax: 50,
          handle: collector.handle,
          deadLetters,
        };
        await openBus().consume(options);
      }
      const events = eventsOf(TOPIC_OF_MANY, KEYS, 100);
      await openBus().publish(events);
      const [first, second, other] = collectors as [Collector, Collector, Collector];
      await other.hasAll(idsOf(events));
      await waitFor(() => first.ids.length + second.ids.length >= events.length, {
        timeoutMs: PATIENCE_MS,
        what: 'the shared group',
      });
      expect([...first.ids, ...second.ids].sort()).toEqual([...idsOf(events)].sort());
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'delivers again what a member had in hand when it was killed',
    async () => {
      const events = eventsOf(TOPIC_OF_ONE, ['instance:1'], 5);
      const bus = openBus();
      await bus.publish(events);
      const member = spawnMember({ environment: environment.environment, group, topic: TOPIC_OF_ONE, source });
      await member.hasHandled(events.length);
      member.kill();
      const collector = new Collector(source);
      await bus.consume({
        group,
        topics: [TOPIC_OF_ONE],
        batchMax: 100,
        handle: collector.handle,
        deadLetters: new RememberedDeadLetters(),
      });
      await collector.hasAll(idsOf(events));
      expect(collector.ids).toEqual(idsOf(events));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'goes on behind the last commit when a group comes back, and lets a new group start from the beginning',
    async () => {
      const events = eventsOf(TOPIC_OF_ONE, ['instance:1'], 10);
      const before = new Collector(source);
      const bus = openBus();
      await bus.publish(events.slice(0, 5));
      const deadLetters = new RememberedDeadLetters();
      const subscription = await bus.consume({
        group,
        topics: [TOPIC_OF_ONE],
        batchMax: 100,
        handle: before.handle,
        deadLetters,
      });
      await before.hasAll(idsOf(events.slice(0, 5)));
      await subscription.close();
      await bus.publish(events.slice(5));
      const after = new Collector(source);
      const newcomer = new Collector(source);
      await openBus().consume({ group, topics: [TOPIC_OF_ONE], batchMax: 100, handle: after.handle, deadLetters });
      await openBus().consume({
        group: `${group}-new`,
        topics: [TOPIC_OF_ONE],
        batchMax: 100,
        handle: newcomer.handle,
        deadLetters,
      });
      await newcomer.hasAll(idsOf(events));
      await after.hasAll(idsOf(events.slice(5)));
      expect(after.ids).toEqual(idsOf(events.slice(5)));
      expect(newcomer.ids).toEqual(idsOf(events));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'broadcasts to every tail what is published after it opened, and nothing older',
    async () => {
      const events = eventsOf(TOPIC_OF_MANY, KEYS, 60);
      const tails = [new Collector(source), new Collector(source)];
      const publisher = openBus();
      await publisher.publish(events.slice(0, 30));
      for (const tail of tails) await openBus().tail({ topics: [TOPIC_OF_MANY, TOPIC_OF_ONE], handle: tail.handle });
      await publisher.publish(events.slice(30));
      for (const tail of tails) {
        await tail.hasAll(idsOf(events.slice(30)));
        expect([...tail.ids].sort()).toEqual(idsOf(events.slice(30)).sort());
      }
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'moves a poisoned event to the dead letters with its reason, and the partition goes on',
    async () => {
      const events = eventsOf(TOPIC_OF_ONE, ['instance:1'], 8);
      const collector = new Collector(source);
      const deadLetters = new RememberedDeadLetters();
      const bus = openBus();
      await bus.publish(events);
      const handle = (batch: { events: readonly DeliveredEvent[] }) => {
        const bad = collector.own(batch.events).find((event) => event.id === events[3]?.id);
        if (bad !== undefined) throw new PoisonEventError(bad.id, 'the amount is no number');
        collector.events.push(...collector.own(batch.events));
        return Promise.resolve();
      };
      await bus.consume({ group, topics: [TOPIC_OF_ONE], batchMax: 100, handle, deadLetters });
      const others = idsOf(events.filter((_, index) => index !== 3));
      await collector.hasAll(others);
      expect(collector.ids).toEqual(others);
      expect(deadLetters.letters).toMatchObject([{ group, reason: 'the amount is no number', event: events[3] }]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'finds the one event of a batch that always fails, and moves it to the dead letters with its last error',
    async () => {
      const events = eventsOf(TOPIC_OF_MANY, KEYS, 60);
      const collector = new Collector(source);
      const deadLetters = new RememberedDeadLetters();
      const bus = openBus();
      await bus.publish(events);
      const handle = (batch: { events: readonly DeliveredEvent[] }) => {
        if (collector.own(batch.events).some((event) => event.id === events[17]?.id)) throw new Error('division by zero');
        collector.events.push(...collector.own(batch.events));
        return Promise.resolve();
      };
      await bus.consume({ group, topics: [TOPIC_OF_MANY], batchMax: 50, handle, deadLetters });
      const others = idsOf(events.filter((_, index) => index !== 17));
      await collector.hasAll(others);
      await waitFor(() => deadLetters.letters.length > 0, { timeoutMs: PATIENCE_MS, what: 'the dead letter' });
      expect([...collector.ids].sort()).toEqual([...others].sort());
      expect(deadLetters.letters).toMatchObject([{ group, reason: 'division by zero', event: events[17] }]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'tries a failing handler again until it works, and blames no event for a failure that passes',
    async () => {
      const events = eventsOf(TOPIC_OF_ONE, ['instance:1'], 10);
      const collector = new Collector(source);
      const deadLetters = new RememberedDeadLetters();
      const bus = openBus();
      await bus.publish(events);
      let failures = 0;
      const handle = (batch: { events: readonly DeliveredEvent[] }) => {
        if (collector.own(batch.events).length > 0 && failures < 6) {
          failures += 1;
          throw new Error('the database is away');
        }
        collector.events.push(...collector.own(batch.events));
        return Promise.resolve();
      };
      await bus.consume({ group, topics: [TOPIC_OF_ONE], batchMax: 100, handle, deadLetters });
      await collector.hasAll(idsOf(events));
      expect(failures).toBe(6);
      expect(collector.ids).toEqual(idsOf(events));
      expect(deadLetters.letters).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shows lag without progress while a handler stands still, and none once it has gone on',
    async () => {
      const events = eventsOf(TOPIC_OF_ONE, ['instance:1'], 10);
      const collector = new Collector(source);
      const bus = openBus();
      let release = () => undefined as void;
      const gate = new Promise<void>((resolve) => (release = resolve));
      let isStuck = false;
      const handle = async (batch: { topic: string; partition: number; events: readonly DeliveredEvent[] }) => {
        if (collector.own(batch.events).length > 0) {
          isStuck = true;
          await gate;
        }
        await collector.handle(batch);
      };
      const options = { group, topics: [TOPIC_OF_ONE], batchMax: 4, handle, deadLetters: new RememberedDeadLetters() };
      const subscription = await bus.consume(options);
      await bus.publish(events);
      await waitFor(() => isStuck, { timeoutMs: PATIENCE_MS, what: 'the handler' });
      await waitFor(() => subscription.progress().lag >= events.length, { timeoutMs: PATIENCE_MS, what: 'lag' });
      const stuckAtMs = subscription.progress().lastProgressAtMs;
      await waitFor(() => Date.now() - stuckAtMs > 2_500, { timeoutMs: PATIENCE_MS, what: 'time' });
      expect(subscription.progress().lastProgressAtMs).toBe(stuckAtMs);
      release();
      await waitFor(() => subscription.progress().lag === 0, { timeoutMs: PATIENCE_MS, what: 'the end of the lag' });
      expect(subscription.progress().lastProgressAtMs).toBeGreaterThan(stuckAtMs);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'reads a topic in pages, each event once, and keeps the cursor where nothing is new',
    async () => {
      const bus = openBus();
      let page = await bus.read({ topic: TOPIC_OF_MANY, limit: 1_000 });
      while (page.events.length > 0) page = await bus.read({ topic: TOPIC_OF_MANY, limit: 1_000, after: page.cursor });
      const events = eventsOf(TOPIC_OF_MANY, KEYS, 50);
      await bus.publish(events);
      const collector = new Collector(source);
      do {
        page = await bus.read({ topic: TOPIC_OF_MANY, limit: 7, after: page.cursor });
        expect(page.events.length).toBeLessThanOrEqual(7);
        collector.events.push(...collector.own(page.events));
      } while (page.events.length > 0);
      expect([...collector.ids].sort()).toEqual([...idsOf(events)].sort());
      expect((await bus.read({ topic: TOPIC_OF_MANY, limit: 7, after: page.cursor })).cursor).toBe(page.cursor);
      await expect(bus.read({ topic: TOPIC_OF_MANY, limit: 7, after: 'yesterday' })).rejects.toThrow(InvalidCursorError);
      await expect(bus.read({ topic: TOPIC_OF_MANY, limit: 7, after: '1.2' })).rejects.toThrow(InvalidCursorError);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'takes any text in an event, and no topic that is not declared',
    async () => {
      const bus = openBus();
      const collector = new Collector(source);
      await bus.tail({ topics: [TOPIC_OF_ONE], handle: collector.handle });
      const [event] = eventsOf(TOPIC_OF_ONE, ['instance:1'], 1);
      if (event === undefined) throw new Error('no event');
      await bus.publish([{ ...event, data: { odd: 'nul \0, half a pair \ud83d, "quotes", \\u0000' } }]);
      await collector.hasAll([event.id]);
      await expect(bus.publish([{ ...event, topic: 'ecolink.nothing.happened.v1' }])).rejects.toThrow('not declared');
    },
    TEST_TIMEOUT_MS,
  );
}
