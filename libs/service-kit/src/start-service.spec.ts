import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Server } from '@nestjs/microservices';
import { type EventStrategy, type RunningService, startService } from './start-service.js';

const CALLS = Symbol('CALLS');

@Injectable()
class Hooked implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(CALLS) private readonly calls: string[]) {}

  onModuleInit(): void {
    this.calls.push('init');
  }

  onApplicationBootstrap(): void {
    this.calls.push('bootstrap');
  }

  onApplicationShutdown(): void {
    this.calls.push('shutdown');
  }
}

class Consumer extends Server implements EventStrategy {
  constructor(private readonly calls: string[]) {
    super();
  }

  listen(callback: () => void): void {
    this.calls.push('listen');
    callback();
  }

  waitingFor(): undefined {
    return undefined;
  }

  progress() {
    return { lag: 3, lastProgressAtMs: Date.now() - 60_000 };
  }

  close(): void {
    this.calls.push('close');
  }

  on(): this {
    return this;
  }

  unwrap<T>(): T {
    return this as unknown as T;
  }
}

function start(calls: string[], strategies: readonly EventStrategy[]): Promise<RunningService> {
  const providers = [Hooked, { provide: CALLS, useValue: calls }];
  const module = { module: class TestModule {}, providers };
  return startService({ name: 'hooks', module, host: '127.0.0.1', port: 0, strategies });
}

describe('startService', () => {
  it('runs each hook of a module once, and before events come in', async () => {
    const calls: string[] = [];
    const service = await start(calls, [new Consumer(calls), new Consumer(calls)]);
    expect(calls).toEqual(['init', 'bootstrap', 'listen', 'listen']);
    await service.close();
    expect(calls.filter((call) => call === 'shutdown')).toHaveLength(1);
  });

  it('runs them without any consumer, too', async () => {
    const calls: string[] = [];
    await (await start(calls, [])).close();
    expect(calls).toEqual(['init', 'bootstrap', 'shutdown']);
  });
});
