import { Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../../injection.js';
import { makeUsageMonths } from './usage-months.store.js';

const HOUR_MS = 60 * 60 * 1_000;
/** This month and the two after it: two months in which nobody notices that this job fails. */
const MONTHS_AHEAD = 2;

/** Keeps partitions of usage ready before their month begins. */
@Injectable()
export class UsageMonths implements OnModuleInit, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.makeAhead();
    this.timer = setInterval(() => void this.makeAhead(), HOUR_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** A failure is logged and tried again in an hour: until a month has its partition, its calls are kept in `usage_events_other`. */
  private async makeAhead(): Promise<void> {
    try {
      const made = await makeUsageMonths(this.database.client, monthsFrom(this.clock(), MONTHS_AHEAD));
      if (made.length > 0) this.logger.info({ event: 'usage.months_made', months: made });
    } catch (error) {
      this.logger.error({ event: 'usage.months_not_made', err: error });
    }
  }
}

/** The first days of a moment's month and of `ahead` months after it, in UTC. */
export function monthsFrom(at: Date, ahead: number): readonly string[] {
  return Array.from({ length: ahead + 1 }, (_, index) =>
    new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + index, 1)).toISOString().slice(0, 10),
  );
}
