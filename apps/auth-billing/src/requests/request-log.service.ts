import { type DeliveredEvent, requestRefused, type RequestRefused, usageRecorded } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock, SETTINGS, type Settings } from '../injection.js';
import { createPartitions, dayOf, dropPartitions, listPartitions, summariseLog } from './partitions.store.js';
import { addCalls, addRefusalCounts, addRefusals, takeOffRefunds } from './request-log.store.js';

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;

/** Writes the request log: its own read model, filled in batches from what routers record anyway, and dropped by the day. */
@Injectable()
export class RequestLog implements OnModuleInit, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private readonly days = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.keepRetention();
    this.timer = setInterval(() => {
      this.keepRetention().catch((error: unknown) => this.logger.warn({ event: 'request_log.not_pruned', err: error }));
    }, HOUR_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Calls that billing has recorded just now, or before. */
  async addCalls(events: readonly DeliveredEvent[]): Promise<void> {
    const calls = events.flatMap(({ data }) => {
      const usage = usageRecorded.safeParse(data);
      return usage.success && this.isKept(usage.data.started_at) ? [usage.data] : [];
    });
    const made = calls.filter(({ refund_of: refundOf }) => refundOf === undefined);
    if (made.length > 0) {
      await this.makeRoom(made);
      await addCalls(this.database.client, made);
    }
    const failed = calls.filter(({ refund_of: refundOf }) => refundOf !== undefined);
    if (failed.length > 0) await takeOffRefunds(this.database.client, failed);
  }

  async addRefusals(events: readonly DeliveredEvent[]): Promise<void> {
    const refusals = events.flatMap(({ data }) => {
      const refusal = requestRefused.safeParse(data);
      return refusal.success && this.isKept(refusal.data.started_at) ? [refusal.data] : [];
    });
    const kept = refusals.filter(({ counted, request_id: id }) => counted === null && id !== null);
    const counted = refusals.filter((refusal) => refusal.counted !== null);
    if (kept.length > 0) {
      await this.makeRoom(kept);
      await addRefusals(this.database.client, onceEach(kept));
    }
    if (counted.length > 0) await addRefusalCounts(this.database.client, counted);
  }

  private isKept(startedAt: string): boolean {
    const atMs = Date.parse(startedAt);
    const nowMs = this.clock().getTime();
    return atMs >= nowMs - this.settings.requestLogDays * DAY_MS && atMs < nowMs + DAY_MS;
  }

  private async makeRoom(rows: readonly { readonly started_at: string }[]): Promise<void> {
    const missing = new Set(rows.map((row) => dayOf(new Date(row.started_at))).filter((day) => !this.days.has(day)));
    if (missing.size === 0) return;
    await createPartitions(this.database, missing);
    for (const day of missing) this.days.add(day);
  }

  private async keepRetention(): Promise<void> {
    const nowMs = this.clock().getTime();
    const oldest = dayOf(new Date(nowMs - this.settings.requestLogDays * DAY_MS));
    const today = new Set([dayOf(new Date(nowMs)), dayOf(new Date(nowMs + DAY_MS))]);
    await createPartitions(this.database, today);
    for (const day of today) this.days.add(day);
    const old = (await listPartitions(this.database.client)).filter((day) => day < oldest);
    for (const day of old) this.days.delete(day);
    await dropPartitions(this.database.client, old, new Date(oldest));
    await summariseLog(this.database.client);
  }
}

/** A batch may hold an event twice; one statement may not touch a row twice. */
function onceEach(refusals: readonly RequestRefused[]): readonly RequestRefused[] {
  return [...new Map(refusals.map((refusal) => [refusal.request_id, refusal])).values()];
}
