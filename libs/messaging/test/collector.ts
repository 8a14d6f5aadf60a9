import type { DeliveredEvent } from '@ecolink/contracts';
import { waitFor } from '@ecolink/testing';
import type { BatchHandler, CheckableDeadLetterSink, DeadLetter } from '../src/index.js';

const PATIENCE_MS = 60_000;

/** Keeps what one test's own source published; other tests share the log. */
export class Collector {
  readonly events: DeliveredEvent[] = [];

  constructor(private readonly source: string) {}

  readonly handle: BatchHandler = (batch) => {
    this.events.push(...this.own(batch.events));
    return Promise.resolve();
  };

  own(events: readonly DeliveredEvent[]): readonly DeliveredEvent[] {
    return events.filter((event) => event.source === this.source);
  }

  get ids(): readonly string[] {
    return this.events.map((event) => event.id);
  }

  async hasAll(ids: readonly string[]): Promise<void> {
    const missing = () => ids.filter((id) => !this.ids.includes(id));
    await waitFor(() => missing().length === 0, { timeoutMs: PATIENCE_MS, what: `${missing().length} of ${ids.length} events` });
  }
}

export class RememberedDeadLetters implements CheckableDeadLetterSink {
  readonly letters: DeadLetter[] = [];

  canReachDatabase(): Promise<boolean> {
    return Promise.resolve(true);
  }

  store(letter: DeadLetter): Promise<void> {
    this.letters.push(letter);
    return Promise.resolve();
  }
}
