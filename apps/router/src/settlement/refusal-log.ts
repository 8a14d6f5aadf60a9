import { type BusEvent, type CallAttempt, newId, type RequestRefused, TOPIC } from '@ecolink/contracts';
import type { EventBus } from '@ecolink/messaging';
import { isoTime, type Logger } from '@ecolink/runtime';

/** A refusal of a call whose key is known. */
export interface RefusedCall {
  readonly accountId: string;
  readonly keyId: string;
  readonly sourceTag: string | null;
  readonly requestId: string;
  readonly model: string | null;
  readonly endpoint: string;
  readonly status: number;
  readonly code: string;
  readonly admittedAtMs: number;
  readonly durationMs: number;
  readonly attempts: readonly CallAttempt[];
}

/** Of one key and code each second; further ones are counted. */
const KEPT_PER_SECOND = 10;
const SECOND_MS = 1_000;
const FLUSH_MS = 500;
/** Events that wait for a bus that is away; beyond, the oldest are dropped, since a refusal costs nobody money. */
const WAITING_MAX = 5_000;
const PUBLISHED_AT_ONCE_MAX = 1_000;
/** Counts of one second; a key and code beyond are not told apart from the rest of their key. */
const COUNTS_MAX = 10_000;

interface SecondCount {
  readonly call: RefusedCall;
  kept: number;
  counted: number;
}

/** Tells the request log what was refused: in batches from memory, so that a refusal costs its call nothing. */
export class RefusalLog {
  private waiting: BusEvent[] = [];
  private readonly counts = new Map<string, SecondCount>();
  private secondStartMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private publishing: Promise<void> | undefined;
  private dropped = 0;

  constructor(
    private readonly bus: EventBus,
    private readonly source: string,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Publishes what waits and ends. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.endSecond();
    await this.flush();
  }

  note(call: RefusedCall): void {
    const nowMs = this.now();
    if (nowMs - this.secondStartMs >= SECOND_MS) this.beginSecond(nowMs);
    const name = this.counts.size < COUNTS_MAX ? `${call.keyId} ${call.code}` : call.keyId;
    const count = this.counts.get(name) ?? { call, kept: 0, counted: 0 };
    if (count.kept + count.counted === 0) this.counts.set(name, count);
    if (count.kept < KEPT_PER_SECOND) {
      count.kept += 1;
      this.add(this.eventOf(call, null));
    } else count.counted += 1;
  }

  private beginSecond(nowMs: number): void {
    this.endSecond();
    this.secondStartMs = nowMs;
  }

  private endSecond(): void {
    for (const { call, counted } of this.counts.values()) {
      if (counted > 0) this.add(this.eventOf({ ...call, admittedAtMs: this.secondStartMs, attempts: [] }, counted));
    }
    this.counts.clear();
  }

  private add(event: BusEvent): void {
    if (this.waiting.length >= WAITING_MAX) {
      this.dropped += 1;
      return;
    }
    this.waiting.push(event);
  }

  private eventOf(call: RefusedCall, counted: number | null): BusEvent {
    const data: RequestRefused = {
      account_id: call.accountId,
      key_id: call.keyId,
      code: call.code,
      source: this.source,
      started_at: isoTime(call.admittedAtMs),
      counted,
      request_id: counted === null ? call.requestId : null,
      source_tag: call.sourceTag,
      model: counted === null ? call.model : null,
      endpoint: call.endpoint,
      status: call.status,
      duration_ms: Math.round(call.durationMs * 10) / 10,
      attempts: [...call.attempts],
    };
    return {
      id: newId('evt'),
      source: this.source,
      topic: TOPIC.requestRefused,
      key: call.accountId,
      occurredAt: new Date(call.admittedAtMs),
      data,
    };
  }

  private async flush(): Promise<void> {
    if (this.now() - this.secondStartMs >= SECOND_MS) this.endSecond();
    this.publishing ??= this.publish().finally(() => (this.publishing = undefined));
    await this.publishing;
  }

  private async publish(): Promise<void> {
    if (this.dropped > 0) this.logger.warn({ event: 'refusals.dropped', count: this.dropped });
    this.dropped = 0;
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, PUBLISHED_AT_ONCE_MAX);
      try {
        await this.bus.publish(batch);
      } catch (error) {
        this.logger.warn({ event: 'refusals.not_published', err: error, waiting: this.waiting.length });
        return;
      }
      this.waiting = this.waiting.slice(batch.length);
    }
  }
}
