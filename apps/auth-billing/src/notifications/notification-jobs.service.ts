import { Database } from '@ecolink/database';
import { createLogger } from '@ecolink/runtime';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Clock, CLOCK } from '../injection.js';
import { AlertDeliveries } from './channels/deliveries.service.js';
import { pruneNotifications } from './prune.store.js';
import { BalanceWarnings } from './sources/balance-warnings.service.js';
import { ExpiringKeys } from './sources/expiring-keys.service.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Batches of deliveries sent in one go, so that other jobs have their turn. */
const ROUNDS_MAX = 5;

interface Job {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<void>;
}

/** What of notifications happens by itself. Each job runs by its own interval, never twice at a time. */
@Injectable()
export class NotificationJobs implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = createLogger('auth-billing');
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AlertDeliveries) private readonly deliveries: AlertDeliveries,
    @Inject(BalanceWarnings) private readonly balances: BalanceWarnings,
    @Inject(ExpiringKeys) private readonly keys: ExpiringKeys,
  ) {}

  onApplicationBootstrap(): void {
    const jobs: readonly Job[] = [
      { name: 'deliveries', everyMs: SECOND_MS, run: () => this.sendDue() },
      { name: 'balances', everyMs: 5 * SECOND_MS, run: () => this.balances.run() },
      { name: 'expiring keys', everyMs: 5 * MINUTE_MS, run: () => this.keys.run() },
      { name: 'old notifications', everyMs: 10 * MINUTE_MS, run: () => pruneNotifications(this.database.client, this.clock()) },
    ];
    for (const job of jobs) this.timers.push(setInterval(() => this.start(job), job.everyMs).unref());
  }

  async onModuleDestroy(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.running.values());
  }

  private start({ name, run }: Job): void {
    if (this.running.has(name)) return;
    const work = run()
      .catch((error: unknown) => this.logger.warn({ event: 'notifications.job_failed', job: name, err: error }))
      .finally(() => this.running.delete(name));
    this.running.set(name, work);
  }

  private async sendDue(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) if ((await this.deliveries.sendDue()) === 0) return;
  }
}
