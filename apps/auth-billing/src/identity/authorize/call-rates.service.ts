import { ApiError } from '@ecolink/contracts';
import { Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { MANAGEMENT_CALLS_PER_MINUTE } from '@ecolink/service-kit';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Clock, CLOCK } from '../../injection.js';
import { forgetMinutes, takeCall } from './call-rates.store.js';

const MINUTE_MS = 60_000;

/** How often an account calls, or a network tries, over all processes: counted in the database, within a sliding minute. */
@Injectable()
export class CallRates implements OnModuleInit, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      forgetMinutes(this.database.client, new Date(this.clock().getTime() - 2 * MINUTE_MS)).catch((error: unknown) =>
        this.logger.warn({ event: 'call_rates.not_pruned', err: error }),
      );
    }, MINUTE_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Counts one. Throws 429 beyond the limit, which does not count. Calls that are let in at the same instant may be a few more. */
  async take(subject: string, what: string): Promise<void> {
    const nowMs = this.clock().getTime();
    const minuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const window = {
      minute: new Date(minuteMs),
      before: new Date(minuteMs - MINUTE_MS),
      // The part of the minute before that the sliding minute still covers.
      coveredOfBefore: 1 - (nowMs - minuteMs) / MINUTE_MS,
    };
    if (await takeCall(this.database.client, subject, window, MANAGEMENT_CALLS_PER_MINUTE)) return;
    throw new ApiError('rate_limit_exceeded', `too many ${what}: ${MANAGEMENT_CALLS_PER_MINUTE} a minute are allowed`, {
      retryAfterSeconds: Math.max(1, Math.ceil((minuteMs + MINUTE_MS - nowMs) / 1_000)),
    });
  }
}
