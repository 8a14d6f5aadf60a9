import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { jest } from '@jest/globals';
import { OpenStream } from './open-stream.js';

/** A client that takes what it is told to take. */
class StubResponse extends EventEmitter {
  readonly written: string[] = [];
  takes = true;
  destroyed = false;

  write(text: string): boolean {
    this.written.push(text);
    return this.takes;
  }

  end(text: string): void {
    this.written.push(text);
    this.emit('close');
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const events = (text: string): string[] => [...text.matchAll(/^event: (\w+)$/gm)].map(([, event]) => event ?? '');

describe('an open stream', () => {
  let response: StubResponse;
  let nowMs: number;
  let stream: OpenStream;

  beforeEach(() => {
    jest.useFakeTimers();
    response = new StubResponse();
    nowMs = 0;
    stream = new OpenStream('acc_1', response as unknown as ServerResponse, () => nowMs);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('gathers changes: of one thing only the newest goes out', () => {
    for (let count = 0; count < 50; count += 1) stream.push('balance', 'acc_1', { balance: count });
    stream.push('key', 'key_1', { id: 'key_1' });
    expect(response.written).toEqual([]);
    jest.advanceTimersByTime(100);
    expect(response.written).toEqual(['event: balance\ndata: {"balance":49}\n\nevent: key\ndata: {"id":"key_1"}\n\n']);
  });

  it('holds changes back while its client takes nothing, in bounded memory', () => {
    response.takes = false;
    stream.push('key', 'first', {});
    jest.advanceTimersByTime(100);
    for (let count = 0; count < 10_000; count += 1) stream.push('key', `key_${count}`, {});
    jest.advanceTimersByTime(10_000);
    expect(response.written).toHaveLength(1);
    response.takes = true;
    response.emit('drain');
    jest.advanceTimersByTime(100);
    expect(response.written.map(events)).toEqual([['key'], ['reset']]);
    stream.push('key', 'after', {});
    jest.advanceTimersByTime(100);
    expect(response.written.map(events).at(-1)).toEqual(['key']);
  });

  it('cuts a client that takes nothing for a minute, and only such a one', () => {
    response.takes = false;
    stream.heartbeat();
    nowMs = 60_000;
    stream.heartbeat();
    expect(response.destroyed).toBe(false);
    nowMs = 60_001;
    stream.heartbeat();
    expect([response.destroyed, stream.isClosed]).toEqual([true, true]);
    stream.push('key', 'key_1', {});
    jest.advanceTimersByTime(1_000);
    expect(response.written).toEqual([': heartbeat\n\n']);
  });

  it('says why it ends, once', () => {
    stream.push('key', 'key_1', {});
    stream.end('stopping');
    stream.end('stopping');
    jest.advanceTimersByTime(1_000);
    expect(response.written).toEqual(['event: end\ndata: {"reason":"stopping"}\n\n']);
  });
});
