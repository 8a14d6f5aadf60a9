import { setTimeout as delay } from 'node:timers/promises';
import { type BusEvent, TOPIC } from '@ecolink/contracts';
import type { EventBus } from '@ecolink/messaging';
import type { Logger } from '@ecolink/runtime';
import type { JournalRecord } from './journal-record.js';
import type { UsageJournal } from './usage-journal.js';

const BATCH_RECORDS_MAX = 500;
/** Lets records gather: each batch costs the bus, billing and all who listen some ten statements, whatever is in it. */
const GATHER_MS = 25;
const IDLE_WAIT_MS = 1_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

/** Carries the journal to the bus, in order, and keeps each record until the bus has acknowledged it. */
export class UsagePublisher {
  private stopped = false;
  private running: Promise<void> | undefined;
  private failedSinceMs: number | undefined;

  constructor(
    private readonly journal: UsageJournal,
    private readonly bus: EventBus,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** The reason while the bus does not take usage: calls go on, and wait in the journal. */
  degradation(): string | undefined {
    if (this.failedSinceMs === undefined) return undefined;
    return `the bus has not taken usage for ${Math.round((Date.now() - this.failedSinceMs) / 1000)} s; ${this.journal.waitingBytes} bytes wait in the journal`;
  }

  /** Publishes what there is once more and stops. What cannot be published stays in the journal for the next start. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.journal.interruptWait();
    await this.running;
    this.journal.close();
  }

  private async run(): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    for (;;) {
      const result = await this.publishBatch();
      if (result === 'failed') {
        if (this.stopped) return;
        await delay(retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
        continue;
      }
      retryMs = RETRY_FIRST_MS;
      // Behind a full batch there is more; behind any other, records gather first.
      if (result === 'full' || (result === 'published' && this.stopped)) continue;
      if (this.stopped) return;
      if (result === 'empty') await this.journal.waitForRecords(IDLE_WAIT_MS);
      await delay(GATHER_MS);
    }
  }

  private async publishBatch(): Promise<'full' | 'published' | 'empty' | 'failed'> {
    try {
      const records = await publishNext(this.journal, this.bus, this.logger);
      if (this.failedSinceMs !== undefined) this.logger.info({ event: 'usage.publish_recovered' });
      this.failedSinceMs = undefined;
      if (records >= BATCH_RECORDS_MAX) return 'full';
      return records === 0 ? 'empty' : 'published';
    } catch (error) {
      if (this.failedSinceMs === undefined)
        this.logger.warn({ event: 'usage.publish_failed', err: error, waiting_bytes: this.journal.waitingBytes });
      this.failedSinceMs ??= Date.now();
      return 'failed';
    }
  }
}

/** Publishes the oldest lines that wait. @returns how many there were. Rejects, and they wait on, when the bus does not take them. */
export async function publishNext(journal: UsageJournal, bus: EventBus, logger: Logger): Promise<number> {
  const batch = await journal.readBatch(BATCH_RECORDS_MAX);
  if (batch === undefined) return 0;
  await bus.publish(batch.records.map(asBusEvent));
  batch.acknowledge();
  if (batch.unreadable > 0) logger.error({ event: 'usage.unreadable', lines: batch.unreadable });
  return batch.records.length + batch.unreadable;
}

function asBusEvent({ event, eventJson }: JournalRecord): BusEvent {
  return {
    id: event.event_id,
    source: event.source,
    topic: TOPIC.usageRecorded,
    key: event.account_id,
    occurredAt: new Date(event.ended_at),
    data: event,
    json: eventJson,
  };
}
