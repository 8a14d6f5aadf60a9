import { EventEmitter } from 'node:events';
import { waitFor } from '@ecolink/testing';
import type { Consumer, Kafka } from 'kafkajs';
import { SupervisedConsumer } from './supervised-consumer.js';

const { jest } = import.meta;
const EVENTS = { CRASH: 'crash', FETCH: 'fetch', GROUP_JOIN: 'join', HEARTBEAT: 'heartbeat', REBALANCING: 'rebalancing' };
const WAIT_MS = 4_000;
const ASSIGNMENT = { 'ecolink.usage.recorded.v1': [0] };

/** kafkajs's consumer as far as it is listened to; what happens to it is the test's to say. */
class ScriptedConsumer extends EventEmitter {
  readonly events = EVENTS;
  isConnected = false;

  connect = async (): Promise<void> => void (this.isConnected = true);
  subscribe = async (): Promise<void> => undefined;
  run = async (): Promise<void> => this.join();
  disconnect = async (): Promise<void> => void (this.isConnected = false);

  join(): void {
    this.emit(EVENTS.GROUP_JOIN, { payload: { memberAssignment: ASSIGNMENT } });
  }

  fetch(): void {
    this.emit(EVENTS.FETCH, { payload: {} });
  }
}

function supervise(isStandingStill = () => false) {
  const consumers: ScriptedConsumer[] = [];
  const warnings: string[] = [];
  const held = { by: undefined as Consumer | undefined };
  const kafka = { consumer: () => consumers[consumers.push(new ScriptedConsumer()) - 1] } as unknown as Kafka;
  const supervised = new SupervisedConsumer({
    kafka,
    group: 'auth-billing',
    topics: Object.keys(ASSIGNMENT),
    fromBeginning: true,
    concurrency: 1,
    eachBatch: () => Promise.resolve(),
    onJoin: (consumer) => (held.by = consumer),
    onLost: () => (held.by = undefined),
    isStandingStill,
    logger: { warn: (fields: { error?: string }) => void warnings.push(fields.error ?? '') } as never,
  });
  return { consumers, warnings, held, supervised };
}

/** Lets time pass in steps in which everything that is due comes to its end. */
async function pass(ms: number, everyMs = 1_000, each: () => void = () => undefined): Promise<void> {
  for (let passed = 0; passed < ms; passed += everyMs) {
    await jest.advanceTimersByTimeAsync(everyMs);
    each();
  }
}

/** Clock and watch only: how long a consumer waits before it is replaced is told by the real time. */
const REAL = ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask', 'hrtime'] as const;
beforeEach(() => jest.useFakeTimers({ doNotFake: [...REAL, 'performance'] }));
afterEach(() => jest.useRealTimers());

describe('SupervisedConsumer', () => {
  it('replaces a consumer that lost its group, failed to join it again, and goes on fetching', async () => {
    const { consumers, warnings, held, supervised } = supervise();
    await pass(1_000);
    const [first] = consumers;
    expect(held.by).toBe(first);
    first?.emit(EVENTS.REBALANCING, { payload: {} });
    expect(held.by).toBeUndefined();
    await pass(10_000, 1_000, () => first?.fetch());
    expect(warnings).toEqual(['it goes on fetching and has not joined its group again']);
    expect(first?.isConnected).toBe(false);
    await waitFor(() => held.by !== undefined, { timeoutMs: WAIT_MS, what: 'another consumer' });
    expect(held.by).toBe(consumers[1]);
    await supervised.close();
  });

  it('leaves one alone that joins its group again, however long that takes', async () => {
    const { consumers, held, supervised } = supervise();
    await pass(1_000);
    const [first] = consumers;
    first?.emit(EVENTS.REBALANCING, { payload: {} });
    // What was under way when the group was lost.
    first?.fetch();
    await pass(25_000);
    first?.join();
    await pass(20_000, 1_000, () => first?.fetch());
    expect(consumers).toHaveLength(1);
    expect(held.by).toBe(first);
    await supervised.close();
  });

  it('replaces one that stands still while events wait, at most once a minute', async () => {
    const { consumers, warnings, supervised } = supervise(() => true);
    for (const count of [1, 2, 3]) {
      await waitFor(() => consumers.length === count && consumers.at(-1)?.isConnected, {
        timeoutMs: WAIT_MS,
        what: `consumer ${count}`,
      });
      await pass(59_000, 1_000, () => consumers.at(-1)?.fetch());
      expect(consumers).toHaveLength(count);
      expect(consumers.at(-1)?.isConnected).toBe(true);
      await pass(8_000, 1_000, () => consumers.at(-1)?.fetch());
    }
    expect(warnings).toEqual(Array.from({ length: 3 }, () => 'events wait and none is being handled'));
    await supervised.close();
  });

  it('replaces one that gives no sign of life', async () => {
    const { consumers, warnings, supervised } = supervise();
    await pass(70_000);
    expect(warnings).toEqual(['no sign of life']);
    await waitFor(() => consumers.length === 2, { timeoutMs: WAIT_MS, what: 'another consumer' });
    await supervised.close();
  });
});
