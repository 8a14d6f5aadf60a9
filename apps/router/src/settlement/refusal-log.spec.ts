import { type BusEvent, type RequestRefused, requestRefused } from '@ecolink/contracts';
import type { EventBus } from '@ecolink/messaging';
import { createLogger } from '@ecolink/runtime';
import { RefusalLog, type RefusedCall } from './refusal-log.js';

function refusedCall(overrides: Partial<RefusedCall> = {}): RefusedCall {
  return {
    accountId: 'acc_1',
    keyId: 'key_1',
    sourceTag: null,
    requestId: 'req_1',
    model: 'my-llama:142',
    endpoint: '/v1/chat/completions',
    status: 404,
    code: 'model_not_found',
    admittedAtMs: 1_000,
    durationMs: 0.26,
    attempts: [],
    ...overrides,
  };
}

function logWith(publish: (events: readonly BusEvent[]) => Promise<void>): { log: RefusalLog; tick: (ms: number) => void } {
  let nowMs = 10_000;
  const bus = { publish } as unknown as EventBus;
  const log = new RefusalLog(bus, 'router/a', createLogger('test'), () => nowMs);
  return { log, tick: (ms) => (nowMs += ms) };
}

function collecting(): { events: RequestRefused[]; publish: (events: readonly BusEvent[]) => Promise<void> } {
  const events: RequestRefused[] = [];
  return {
    events,
    publish: (batch) => {
      events.push(...batch.map(({ data }) => requestRefused.parse(data)));
      return Promise.resolve();
    },
  };
}

describe('the log of refusals', () => {
  it('keeps ten of one key and code in a second, and counts the others', async () => {
    const { events, publish } = collecting();
    const { log, tick } = logWith(publish);
    for (let count = 0; count < 25; count += 1) log.note(refusedCall({ requestId: `req_${count}` }));
    log.note(refusedCall({ requestId: 'other', code: 'rate_limit_exceeded', status: 429 }));
    tick(1_000);
    log.note(refusedCall({ requestId: 'next_second' }));
    await log.stop();
    expect(events.filter((event) => event.counted === null)).toHaveLength(12);
    expect(events.filter((event) => event.counted !== null)).toEqual([
      expect.objectContaining({ key_id: 'key_1', code: 'model_not_found', counted: 15, request_id: null }),
    ]);
  });

  it('keeps refusals while the bus is away, up to its bound', async () => {
    const { events, publish } = collecting();
    let isAway = true;
    const { log, tick } = logWith((batch) => (isAway ? Promise.reject(new Error('away')) : publish(batch)));
    for (let count = 0; count < 6_000; count += 1) {
      tick(200);
      log.note(refusedCall({ requestId: `req_${count}` }));
    }
    await log.stop();
    expect(events).toEqual([]);
    isAway = false;
    await log.stop();
    expect(events).toHaveLength(5_000);
    expect(events[0]?.request_id).toBe('req_0');
  });
});
