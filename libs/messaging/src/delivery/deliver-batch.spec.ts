import type { DeliveredEvent } from '@ecolink/contracts';
import { PoisonEventError } from '../event-bus.js';
import { deliverBatch, type Delivery } from './deliver-batch.js';
import { PoisonDetector } from './poison-detector.js';

const events = (count: number): DeliveredEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `evt_${index}`,
    source: 'test',
    topic: 'topic',
    key: 'key',
    occurredAt: new Date(0),
    data: {},
    partition: 0,
    position: String(index + 1),
  }));

interface Recorded {
  readonly handled: string[];
  readonly discarded: [id: string, reason: string, attempts: number][];
  readonly advanced: string[];
}

function delivery(fail: (ids: readonly string[]) => Error | undefined, overrides: Partial<Delivery> = {}): [Delivery, Recorded] {
  const recorded: Recorded = { handled: [], discarded: [], advanced: [] };
  const base: Delivery = {
    group: 'group',
    handle: (batch) => {
      const ids = batch.events.map((event) => event.id);
      const error = fail(ids);
      if (error !== undefined) return Promise.reject(error);
      recorded.handled.push(...ids);
      return Promise.resolve();
    },
    discard: (event, reason, attempts) => Promise.resolve(void recorded.discarded.push([event.id, reason, attempts])),
    advance: (last) => Promise.resolve(void recorded.advanced.push(last.position)),
    canReachDatabase: () => Promise.resolve(true),
    poison: new PoisonDetector(),
    backOff: { initialMs: 0, maxMs: 0 },
    signal: new AbortController().signal,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    ...overrides,
  };
  return [base, recorded];
}

const batchOf = (count: number) => ({ topic: 'topic', partition: 0, events: events(count) });

describe('deliverBatch', () => {
  it('advances once over a batch that is handled', async () => {
    const [options, recorded] = delivery(() => undefined);
    await deliverBatch(batchOf(3), options);
    expect(recorded).toEqual({ handled: ['evt_0', 'evt_1', 'evt_2'], discarded: [], advanced: ['3'] });
  });

  it.each([0, 1, 2])('discards poison at place %i and hands the others over in order', async (place) => {
    const bad = `evt_${place}`;
    const [options, recorded] = delivery((ids) => (ids.includes(bad) ? new PoisonEventError(bad, 'no amount') : undefined));
    await deliverBatch(batchOf(3), options);
    expect(recorded.handled).toEqual(['evt_0', 'evt_1', 'evt_2'].filter((id) => id !== bad));
    expect(recorded.discarded).toEqual([[bad, 'no amount', 1]]);
    expect(recorded.advanced).toEqual(['3']);
  });

  it('advances over a batch of nothing but poison', async () => {
    const [options, recorded] = delivery((ids) => new PoisonEventError(ids[0] ?? '', 'bad'));
    await deliverBatch(batchOf(2), options);
    expect(recorded.discarded.map(([id]) => id)).toEqual(['evt_0', 'evt_1']);
    expect(recorded.advanced).toEqual(['2']);
  });

  it('takes poison that names no event of the batch for an ordinary failure', async () => {
    let tries = 0;
    const [options, recorded] = delivery(() => ((tries += 1) === 1 ? new PoisonEventError('evt_elsewhere', 'bad') : undefined));
    await deliverBatch(batchOf(2), options);
    expect(recorded.handled).toEqual(['evt_0', 'evt_1']);
    expect(recorded.discarded).toEqual([]);
  });

  it('finds the one event that always fails, tries it eight times alone, and keeps the order of the rest', async () => {
    const [options, recorded] = delivery((ids) => (ids.includes('evt_6') ? new Error('cannot be') : undefined));
    await deliverBatch(batchOf(10), options);
    expect(recorded.handled).toEqual(events(10).flatMap(({ id }) => (id === 'evt_6' ? [] : [id])));
    expect(recorded.discarded).toEqual([['evt_6', 'cannot be', 8]]);
    expect(recorded.advanced.at(-1)).toBe('10');
  });

  it('discards nothing while the database does not answer', async () => {
    let tries = 0;
    const [options, recorded] = delivery(() => ((tries += 1) <= 30 ? new Error('no connection') : undefined), {
      canReachDatabase: () => Promise.resolve(false),
    });
    await deliverBatch(batchOf(4), options);
    expect(recorded.handled).toEqual(['evt_0', 'evt_1', 'evt_2', 'evt_3']);
    expect(recorded.discarded).toEqual([]);
  });

  it('holds nothing against an event that failed while the database was away, also when others are handled right after', async () => {
    const poison = new PoisonDetector();
    let tries = 0;
    const [options, recorded] = delivery(() => ((tries += 1) <= 9 ? new Error('no transaction in time') : undefined), {
      poison,
      canReachDatabase: () => {
        // Another partition's batch is through before this one's last try fails.
        if (tries === 8) poison.noteHandled();
        return Promise.resolve(tries >= 8);
      },
    });
    await deliverBatch(batchOf(1), options);
    expect([recorded.handled, recorded.discarded]).toEqual([['evt_0'], []]);
  });

  it('takes a database that is there and silent for one that is away', async () => {
    let tries = 0;
    const [options, recorded] = delivery(() => ((tries += 1) <= 9 ? new Error('no answer') : undefined), {
      canReachDatabase: () => new Promise(() => undefined),
      answersWithinMs: 1,
    });
    await deliverBatch(batchOf(1), options);
    expect([recorded.handled, recorded.discarded]).toEqual([['evt_0'], []]);
  });

  it('stores a dead letter later when it cannot be stored now, and only then goes on', async () => {
    let tries = 0;
    const [options, recorded] = delivery((ids) => (ids.includes('evt_0') ? new PoisonEventError('evt_0', 'bad') : undefined), {
      discard: () => ((tries += 1) < 4 ? Promise.reject(new Error('full')) : Promise.resolve()),
    });
    await deliverBatch(batchOf(2), options);
    expect(tries).toBe(4);
    expect(recorded.handled).toEqual(['evt_1']);
  });

  it('stops between tries when the partition is lost', async () => {
    const lost = new AbortController();
    let tries = 0;
    const [options, recorded] = delivery(
      () => {
        tries += 1;
        if (tries === 3) lost.abort();
        return new Error('no');
      },
      { signal: lost.signal, canReachDatabase: () => Promise.resolve(false) },
    );
    await expect(deliverBatch(batchOf(1), options)).rejects.toThrow();
    expect(tries).toBe(3);
    expect(recorded.advanced).toEqual([]);
  });

  it('rejects when the place cannot be committed', async () => {
    const [options] = delivery(() => undefined, { advance: () => Promise.reject(new Error('fenced')) });
    await expect(deliverBatch(batchOf(1), options)).rejects.toThrow('fenced');
  });
});
